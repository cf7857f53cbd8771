import type { SeededTorrent } from '../seeder/index.ts';
import { shown } from '../util/index.ts';
import { formatCount, formatSize } from './format.ts';

/** The most offers that are described to people by lines of their own. */
const MAX_DESCRIBED = 20;

/**
 * Describes what is offered as one, each with the command by which another machine gets it.
 *
 * @param trackers the addresses of the trackers, without secrets
 */
export function offeredLines(torrents: readonly SeededTorrent[], trackers: readonly string[]): string[] {
  const lines = torrents.slice(0, MAX_DESCRIBED).flatMap((torrent) => {
    const { name, size, files, contentId, sha256, infoHash } = torrent;
    const id = contentId ?? sha256;
    const count = files === undefined ? '' : ` in ${formatCount(files, 'file')}`;
    const at = trackers.map((tracker) => ` --tracker ${tracker}`).join('');
    return [
      `${shown(name)}: ${formatSize(size)}${count}`,
      ...(id === undefined ? [] : [`  id: ${id}`]),
      `  get it by: shoal get ${id ?? infoHash}${at}`,
    ];
  });
  const more = torrents.length - MAX_DESCRIBED;
  return more > 0 ? [...lines, `and ${formatCount(more, 'more torrent')}`] : lines;
}
