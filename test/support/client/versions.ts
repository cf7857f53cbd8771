import { cp, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFile } from '../content.ts';

/** The sizes of two versions of a folder. */
export interface VersionSizes {
  /** The number of small files, at least 100, and the bytes of each. */
  readonly smallFiles: number;
  readonly smallBytes: number;
  /** The bytes of each of the three large files. */
  readonly largeBytes: number;
}

/** Makes the first version of a folder, with three large files and many small ones. */
export async function makeFirstVersion(
  folder: string,
  { smallFiles, smallBytes, largeBytes }: VersionSizes,
): Promise<void> {
  for (let at = 0; at < smallFiles; at += 1) {
    await makeFile(join(folder, smallName(at)), smallBytes + at, `small ${at}`);
  }
  for (const name of ['changed.bin', 'renamed.bin', 'log.bin'])
    await makeFile(join(folder, 'large', name), largeBytes, name);
}

/**
 * Makes the second version: one small file of a hundred is written anew, one of a hundred is removed and one of a hundred is
 * new; a large file has changed in its middle, one has another name in another folder, and one has become longer.
 *
 * @returns the number of files that were written
 */
export async function makeSecondVersion(
  first: string,
  second: string,
  { smallFiles, smallBytes, largeBytes }: VersionSizes,
): Promise<number> {
  await cp(first, second, { recursive: true, preserveTimestamps: true });
  let written = 2;
  for (let at = 0; at < smallFiles; at += 100) {
    await makeFile(join(second, smallName(at)), smallBytes + at, `rewritten ${at}`);
    await rm(join(second, smallName(at + 1)));
    await makeFile(join(second, 'new', `${at}.txt`), smallBytes, `new ${at}`);
    written += 3;
  }
  await writeAt(join(second, 'large/changed.bin'), Math.floor(largeBytes / 2), 'in the middle');
  await mkdir(join(second, 'moved'));
  await rename(join(second, 'large/renamed.bin'), join(second, 'moved/other name.bin'));
  await writeAt(join(second, 'large/log.bin'), largeBytes, 'a line at the end\n');
  return written;
}

/** Lists what is at each path below a folder: kind, mode, inode, size, and the time of the last write. */
export async function statesIn(folder: string): Promise<Record<string, string>> {
  const states: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const { mode, ino, size, mtimeNs, nlink } = await lstat(join(folder, name), { bigint: true });
    states[name] = [mode, ino, size, mtimeNs, nlink].join(' ');
  }
  return states;
}

async function writeAt(path: string, position: number, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(path, 'r+');
  await file.write(text, position);
}

function smallName(at: number): string {
  return join('small', String(at % 10), `${at}.txt`);
}
