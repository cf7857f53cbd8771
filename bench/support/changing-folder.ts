import { createHash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFile, runProcess } from '../../test/support/index.ts';

const MIB = 2 ** 20;
const LARGE_FILES = 8;
const MIDDLE_FILES = 200;
const SMALL_FILES = 1000;
const SMALL_BYTES = 24 * 1024;

const largeFile = (number: number) => join('large', `${number}.bin`);
const middleFile = (number: number) => join('middle', `${number}.bin`);
const smallFile = (number: number) => join('small', String(number % 20), `${number}.txt`);

/** Makes a folder of 1 GiB: 8 large files, 200 of 1 MiB and 1,000 small ones. */
export async function makeFirstFolder(folder: string): Promise<void> {
  for (let number = 0; number < LARGE_FILES; number += 1)
    await makeFile(join(folder, largeFile(number)), 100 * MIB, `large ${number}`);
  for (let number = 0; number < MIDDLE_FILES; number += 1)
    await makeFile(join(folder, middleFile(number)), MIB, `middle ${number}`);
  for (let number = 0; number < SMALL_FILES; number += 1)
    await makeFile(join(folder, smallFile(number)), SMALL_BYTES, `small ${number}`);
}

/**
 * Makes its next version, in which all files have new times, as a build makes them. Of each hundred small and middle files
 * three are written anew; two large files have changed in their middle, one has become longer, and one has another name.
 *
 * @returns the numbers of bytes and of files that were written
 */
export async function makeNextFolder(
  first: string,
  next: string,
): Promise<{ readonly written: number; readonly files: number }> {
  await runProcess('cp', ['-r', first, next]);
  let [written, files] = [0, 0];
  const rewrite = async (path: string, size: number) => {
    await makeFile(join(next, path), size, `next ${path}`);
    written += size;
    files += 1;
  };
  const writeInto = async (path: string, position: number, size: number) => {
    await using file = await open(join(next, path), 'r+');
    await file.write(createHash('shake256', { outputLength: size }).update(path).digest(), 0, size, position);
    written += size;
    files += 1;
  };
  for (let number = 0; number < SMALL_FILES; number += 33) await rewrite(smallFile(number), SMALL_BYTES);
  for (let number = 0; number < MIDDLE_FILES; number += 33) await rewrite(middleFile(number), MIB);
  await writeInto(largeFile(1), 40 * MIB, 11 * MIB);
  await writeInto(largeFile(2), 70 * MIB, 11 * MIB);
  await writeInto(largeFile(3), 100 * MIB, MIB);
  await mkdir(join(next, 'moved'));
  await rename(join(next, largeFile(4)), join(next, 'moved/other name.bin'));
  return { written, files };
}
