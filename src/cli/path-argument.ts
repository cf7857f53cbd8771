import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskPathFromBytes, fsPath } from '../util/index.ts';

/** The character that Node.js puts into an argument for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Finds the path that an argument of the command line means. Node.js loses bytes that are not UTF-8, for example in a name
 * that the shell has put in the place of `*`. So this searches for the one name on disk that reads the same.
 *
 * @returns a path for `fsPath()`; the text itself if no byte was lost, or not exactly one name reads the same
 */
export async function pathArgument(text: string): Promise<string> {
  if (!text.includes(REPLACEMENT)) return text;
  let path = '';
  for (const part of text.split(/(\/)/)) {
    const found = part.includes(REPLACEMENT) ? await namesLike(part, path) : [part];
    if (found.length !== 1) return text;
    path += found[0]!;
  }
  return path;
}

/** Lists the names in a folder that read like a text. */
async function namesLike(text: string, folder: string): Promise<string[]> {
  const names = await readdir(fsPath(join(folder, '.')), { encoding: 'buffer' }).catch(() => []);
  return names.filter((name) => name.toString() === text).map(diskPathFromBytes);
}
