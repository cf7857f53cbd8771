import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type FileKind, kindOf } from '../files/index.ts';
import { fsPath } from '../util/index.ts';
import { inParallel } from './in-parallel.ts';
import type { Part } from './part.ts';
import { StorageError } from './storage-error.ts';
import { foldersOf } from './stored-entries.ts';

const ROOT_UID = 0;

/**
 * Refuses a part when one of its names has something that no download left there: a device, a named pipe, a symbolic link,
 * or a file that also has other names. It opens nothing.
 *
 * @throws {StorageError} NOT_WRITABLE
 */
export async function checkPartNames({ path, resumePath, lockPath, isFile }: Part): Promise<void> {
  const names: [string, FileKind][] = [
    [path, isFile ? 'file' : 'folder'],
    [resumePath, 'file'],
    [lockPath, 'file'],
  ];
  for (const [name, wanted] of names) {
    const stats = await look(name);
    if (stats === undefined) continue;
    const kind = kindOf(stats);
    if (kind !== wanted) throw refusal(name, `is a ${kind}`);
    refuseHardLink(name, stats);
  }
}

/**
 * Refuses a part when a file in it has a second name, because writing to it would change another file, too. It also
 * refuses a part when a file or folder in it belongs to another user, who could still change what is delivered. It looks
 * only at files that are there already.
 *
 * @param owners the user ids to which it may belong; the superuser may always own it
 * @throws {StorageError} NOT_WRITABLE
 */
export async function checkPartFiles(part: Part, owners: ReadonlySet<number>): Promise<void> {
  const paths = part.isFile ? new Set<string>() : foldersOf(part, part.path);
  for (const { path } of [part, ...part.files, ...part.links]) paths.add(path);
  paths.add(part.resumePath);
  await inParallel(paths, async (path) => {
    const stats = await look(path);
    if (stats === undefined) return;
    refuseHardLink(path, stats);
    // Windows has no user ids, and gives 0 for everything.
    if (stats.uid === ROOT_UID || owners.has(stats.uid)) return;
    throw refusal(
      path,
      `belongs to another user (uid ${stats.uid}), who could change what is downloaded; remove it, or choose another output`,
    );
  });
}

async function look(path: string): Promise<Stats | undefined> {
  return lstat(fsPath(path)).catch(() => undefined);
}

function refuseHardLink(path: string, stats: Stats): void {
  if (!stats.isFile() || stats.nlink <= 1) return;
  throw refusal(path, 'is a hard link to a file with another name, which would be overwritten; remove it');
}

/** Makes the error for a part that is refused. @param what the fault, as the end of the sentence */
function refusal(path: string, what: string): StorageError {
  const reason = `${basename(path)}, a name that the download needs, ${what}`;
  return new StorageError('NOT_WRITABLE', path, { action: 'download to', reason });
}
