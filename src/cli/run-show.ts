import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent, type TorrentDescription } from './describe-torrent.ts';
import { diskPathsOfDoubled } from './disk-names.ts';
import { fileTreeLines } from './file-tree-lines.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import type { CommandContext } from './run-command.ts';
import { torrentLines } from './torrent-lines.ts';

export async function runShow({ output }: CommandContext, path: string): Promise<void> {
  const torrent = await describeFile(path);
  output.print(torrent, showLines(torrent));
}

/** Reads and describes a `.torrent`. Its metainfo, which may be large, is out of use when this returns. */
async function describeFile(path: string): Promise<TorrentDescription> {
  const metainfo = parseMetainfo(await readTorrentFile(path));
  return describeTorrent(metainfo, await diskPathsOfDoubled(metainfo));
}

function* showLines(torrent: TorrentDescription): Generator<string> {
  yield* torrentLines(torrent);
  yield '';
  yield* fileTreeLines(torrent);
}
