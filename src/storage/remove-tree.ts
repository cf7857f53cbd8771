import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskPathFromBytes, fsPath } from '../util/index.ts';

/** Removes a folder with everything in it. Folders in it that may not be changed are made writable first. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(fsPath(path), { recursive: true, force: true });
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw thrown;
    await makeWritable(path);
    await rm(fsPath(path), { recursive: true, force: true });
  }
}

async function makeWritable(folder: string): Promise<void> {
  if (!(await lstat(fsPath(folder))).isDirectory()) return;
  await chmod(fsPath(folder), 0o700);
  for (const found of await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' })) {
    if (found.isDirectory()) await makeWritable(join(folder, diskPathFromBytes(found.name)));
  }
}
