import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent, type TorrentDescription } from './describe-torrent.ts';
import { diskPathsOfDoubled } from './disk-names.ts';
import { fileTreeLines } from './file-tree-lines.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import type { CommandContext } from './run-command.ts';
import { torrentLines } from './torrent-lines.ts';

export async function runShow({ output }: CommandContext, path: string): Promise<void> {
  const metainfo = parseMetainfo(await readTorrentFile(path));
  const torrent = describeTorrent(metainfo, await diskPathsOfDoubled(metainfo));
  output.print(torrent, showLines(torrent));
}

function* showLines(torrent: TorrentDescription): Generator<string> {
  yield* torrentLines(torrent);
  yield '';
  yield* fileTreeLines(torrent);
}
