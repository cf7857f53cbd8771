import { shown } from '../util/index.ts';
import type { TorrentDescription } from './describe-torrent.ts';
import { formatCount, formatSize } from './format.ts';

/** A label with its value: `undefined`, a text, or several texts with a blank between them. */
type Fact = readonly [label: string, value: string | readonly string[] | undefined];

/** Describes a torrent without its files, in lines for people. */
export function torrentLines(torrent: TorrentDescription): string[] {
  const { size, pieces, pieceLength } = torrent;
  const facts: readonly Fact[] = [
    ['Name', torrent.name],
    ['Size', `${formatSize(size)} (${formatCount(size, 'byte')})`],
    ['Holds', torrent.isSingleFile ? undefined : contentOf(torrent)],
    ['Content id', torrent.contentId],
    ['Info-hash v1', torrent.infoHashV1],
    ['Info-hash v2', torrent.infoHashV2],
    ['Pieces', `${pieces} of ${formatSize(pieceLength)}`],
    ['Private', torrent.isPrivate ? 'yes: peers only from its trackers' : undefined],
    ['Comment', torrent.comment],
    ['Created by', torrent.createdBy],
    ['Created at', torrent.createdAt],
    ['Encoding', torrent.encoding],
    ['Publisher', torrent.publisher],
    ['Publisher URL', torrent.publisherUrl],
    ['Source', torrent.source],
    ...torrent.trackers.map((tier, index): Fact => [`Trackers ${index + 1}`, tier]),
    ...each('Other tracker', torrent.otherTrackers),
    ...each('Web seed', torrent.webSeeds),
    ...each('HTTP seed', torrent.httpSeeds),
    ...each(
      'DHT node',
      torrent.nodes?.map(({ host, port }) => `${host} ${port}`),
    ),
    ...each('Similar', torrent.similar),
    ...each('Collection', torrent.collections),
    ...each('Warning', torrent.warnings),
  ];
  return facts
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => `${label.padEnd(14)}${[value ?? []].flat().map(shown).join(' ')}`);
}

/** Counts what is in the folder of a torrent: `12 files (3 executable), 1 symbolic link, 2 empty folders`. */
function contentOf({ files, symlinks = [], emptyFolders = [] }: TorrentDescription): string {
  const executable = files.filter(({ attr }) => attr?.includes('x')).length;
  return [
    formatCount(files.length, 'file') + (executable > 0 ? ` (${executable} executable)` : ''),
    symlinks.length > 0 ? formatCount(symlinks.length, 'symbolic link') : '',
    emptyFolders.length > 0 ? formatCount(emptyFolders.length, 'empty folder') : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function each(label: string, values: readonly string[] = []): Fact[] {
  return values.map((value) => [label, value]);
}
