import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent, fileLines, torrentLines } from './describe-torrent.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import type { CommandContext } from './run-command.ts';

export async function runShow({ output }: CommandContext, path: string): Promise<void> {
  const torrent = describeTorrent(parseMetainfo(await readTorrentFile(path)));
  output.print(torrent, [...torrentLines(torrent), '', ...fileLines(torrent)]);
}
