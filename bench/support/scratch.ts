import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { deadline, makeFile, runProcess, type TempFolder } from '../../test/support/index.ts';
import { shoalCommand } from '../programs/shoal.ts';
import { atExit } from './at-exit.ts';
import { PATIENCE_MS } from './measure.ts';

/** The only file of the torrents here. */
export const CONTENT_NAME = 'content.bin';

/** Makes the folder in which programs make torrents, or move one file as fast as they can. */
export const PIECE_LENGTH = 2 ** 20;

/** A folder inside `parent`, removed with all in it when it goes out of scope, or the process ends. */
export async function scratchFolder(parent: string): Promise<TempFolder> {
  const path = await mkdtemp(join(parent, 'shoal-bench-'));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  const isDone = atExit(remove);
  return {
    path,
    join: (...parts) => join(path, ...parts),
    async [Symbol.asyncDispose]() {
      remove();
      isDone();
    },
  };
}

/** Writes the file to share, of bytes that look random. @returns its SHA-256, as hex */
export function makeContent(folder: string, size: number): Promise<string> {
  return makeFile(join(folder, CONTENT_NAME), size, 'bench');
}

/**
 * Makes a torrent of version 1, which every program reads, of the file in `folder`.
 *
 * @param pieceLength bytes; absent: what Shoal takes for a file of that size
 */
export async function makeTorrent(
  folder: string,
  output: string,
  announceUrl: string,
  pieceLength?: number,
): Promise<void> {
  const path = join(folder, CONTENT_NAME);
  const flags = ['--v1', '--tracker', announceUrl];
  if (pieceLength !== undefined) flags.push('--piece-length', String(pieceLength));
  const [command, ...args] = shoalCommand('create', path, '-o', output, ...flags, '--quiet');
  await runProcess(command, args, { cwd: folder, signal: deadline(PATIENCE_MS) });
}

/** Adds up the bytes of all files in a folder. */
export async function folderSize(folder: string): Promise<number> {
  const sizes = await runProcess('find', [folder, '-type', 'f', '-printf', '%s\n']);
  return sizes.split('\n').reduce((sum, size) => sum + Number(size), 0);
}

/**
 * Makes all files of a folder a minute newer, as if they came from a later build. Without that, rsync takes two files of one
 * second and one size for the same.
 */
export async function makeLater(folder: string): Promise<void> {
  await runProcess('find', [folder, '-exec', 'touch', '-h', '-d', '1 minute', '{}', '+']);
}
