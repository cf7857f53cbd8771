import { open } from 'node:fs/promises';
import { fsPath } from '../util/index.ts';

/** Writes the names in a folder to the disk, so that a new or renamed file keeps its name even after a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and journals the names itself.
  if (process.platform === 'win32') return;
  await using folder = await open(fsPath(path), 'r');
  await folder.sync();
}
