import type { Metainfo } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';
import { formatSize, formatTable, printable } from './format.ts';

/**
 * What a `.torrent` says, as `shoal show --json` prints it. Scripts depend on it: fields are added, but none is taken
 * away or given another meaning. What the torrent does not say is absent.
 */
export interface TorrentDescription {
  readonly name: string;
  readonly version: 'v1' | 'v2' | 'hybrid';
  /** The name on the wire: v1 if it has one, else the first 20 bytes of the v2 hash. 40 hex digits. */
  readonly infoHash: string;
  /** 40 hex digits. */
  readonly infoHashV1?: string;
  /** 64 hex digits. */
  readonly infoHashV2?: string;
  /** Bytes of all files. */
  readonly size: number;
  readonly isSingleFile: boolean;
  readonly pieceLength: number;
  /** How many. */
  readonly pieces: number;
  readonly isPrivate: boolean;
  /** In tiers. @see BEP 12 */
  readonly trackers: readonly (readonly string[])[];
  readonly comment?: string;
  readonly createdBy?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** Paths below the torrent's name, with `/`; of a single file: its name. Pad files are not among them. */
  readonly files: readonly { readonly path: string; readonly size: number; readonly piecesRoot?: string }[];
}

export function describeTorrent(metainfo: Metainfo): TorrentDescription {
  const { infoHashV1, infoHashV2, comment, createdBy } = metainfo;
  const createdAt = isoDate(metainfo.creationDate);
  return {
    name: metainfo.name,
    version: metainfo.version,
    infoHash: metainfo.infoHash,
    ...(infoHashV1 !== undefined && { infoHashV1 }),
    ...(infoHashV2 !== undefined && { infoHashV2 }),
    size: metainfo.length,
    isSingleFile: metainfo.isSingleFile,
    pieceLength: metainfo.pieceLength,
    pieces: metainfo.pieceCount,
    isPrivate: metainfo.isPrivate,
    trackers: metainfo.announceList,
    ...(comment !== undefined && { comment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(createdAt !== undefined && { createdAt }),
    files: metainfo.files.map(({ path, length, piecesRoot }) => ({
      path: path.join('/'),
      size: length,
      ...(piecesRoot !== undefined && { piecesRoot: toHex(piecesRoot) }),
    })),
  };
}

/** For people, without the files. */
export function torrentLines(torrent: TorrentDescription): string[] {
  const { infoHashV1, infoHashV2, size, pieces, pieceLength } = torrent;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Name', torrent.name],
    ['Size', `${formatSize(size)} (${size} bytes)`],
    ['Info-hash v1', infoHashV1],
    ['Info-hash v2', infoHashV2],
    ['Pieces', `${pieces} of ${formatSize(pieceLength)}`],
    ['Private', torrent.isPrivate ? 'yes: peers only from its trackers' : undefined],
    ['Comment', torrent.comment],
    ['Created by', torrent.createdBy],
    ['Created at', torrent.createdAt],
    ...torrent.trackers.map((tier, index) => [`Trackers ${index + 1}`, tier.join(' ')] as const),
  ];
  return facts
    .filter((fact): fact is readonly [string, string] => fact[1] !== undefined)
    .map(([label, value]) => `${label.padEnd(14)}${printable(value)}`);
}

/** For people: a table. */
export function fileLines({ files }: TorrentDescription): string[] {
  return formatTable(
    ['BYTES', 'FILE'],
    files.map(({ size, path }) => [size, printable(path)]),
  );
}

/** `undefined` for a date that no calendar has: anything may stand in a torrent. */
function isoDate(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
