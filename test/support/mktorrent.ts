import { runProcess } from './process.ts';

/** Makes a `.torrent` of a file or a folder with mktorrent, in pieces of 32 KiB. */
export async function makeByMktorrent(
  content: string,
  torrentFile: string,
  announceUrl: string,
): Promise<void> {
  await runProcess('mktorrent', ['-l', '15', '-a', announceUrl, '-o', torrentFile, content]);
}
