// Two versions of a build: many small files, some large ones, programs, links, an empty folder.
import { createHash } from 'node:crypto';
import { cp, mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SMALL_FILES = 60;
const LARGE_FILES = 4;

/** Makes the first version, of about `size` bytes. */
export async function makeFirstVersion(folder, size) {
  for (let number = 0; number < SMALL_FILES; number += 1) {
    const inside = join(folder, 'lib', `package-${number % 20}`);
    await mkdir(inside, { recursive: true });
    await writeFile(
      join(inside, `module ${number}.js`),
      bytesOf(`small ${number}`, 500 + ((number * 7919) % 9000)),
    );
  }
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'bin/app'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
  await symlink('bin/app', join(folder, 'app'));
  await symlink('../lib/package-0', join(folder, 'bin/lib'));
  await writeFile(join(folder, '.build-info'), 'version 1\n');
  for (let number = 0; number < LARGE_FILES; number += 1) {
    await writeFile(
      join(folder, `model-${number}.bin`),
      bytesOf(`large ${number}`, Math.floor(size / LARGE_FILES)),
    );
  }
}

/** Makes the next version: some files changed, one of them in the middle, one longer, one renamed, one gone, one new. */
export async function makeNextVersion(first, folder) {
  await cp(first, folder, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(folder, '.build-info'), 'version 2\n');
  await rm(join(folder, 'lib/package-3/module 3.js'));
  await writeFile(join(folder, 'lib/package-3/new.js'), bytesOf('new', 20_000));
  await rename(join(folder, 'model-0.bin'), join(folder, 'model-zero.bin'));
  const large = await open(join(folder, 'model-1.bin'), 'r+');
  try {
    const { size } = await large.stat();
    await large.write(bytesOf('changed', Math.floor(size / 40)), 0, undefined, Math.floor(size / 2));
    await large.write(bytesOf('longer', Math.floor(size / 100)), 0, undefined, size);
  } finally {
    await large.close();
  }
}

/** Makes bytes that look random, the same for the same name. */
function bytesOf(name, length) {
  return createHash('shake256', { outputLength: length }).update(name).digest();
}
