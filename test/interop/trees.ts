import { join } from 'node:path';
import { filesIn, makeFile } from '../support/index.ts';
import { KIB, MIB } from './shoal.ts';

/** Files of a torrent: one longer than many pieces, one that ends within a piece, one of a byte, two of none. */
const FILES: Readonly<Record<string, number>> = {
  'a.bin': MIB + 1,
  'deep/down/b.bin': 300 * KIB + 7,
  'deep/empty.bin': 0,
  'deep/one.bin': 1,
  'zero.bin': 0,
  'z.bin': 70 * KIB + 3,
};

/** Makes a folder of files, some in folders of their own. @returns the SHA-256 of each, by its path */
export async function makeTree(folder: string): Promise<Record<string, string>> {
  for (const [path, size] of Object.entries(FILES)) await makeFile(join(folder, path), size, path);
  return filesIn(folder);
}

/** Leaves out the files of zeros between the files of a hybrid, which some programs write out. @see BEP 47 */
export function withoutPads(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('.pad/')));
}
