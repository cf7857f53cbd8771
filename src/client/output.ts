import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HashPool } from '../hashing/index.ts';
import type { Metainfo } from '../metainfo/index.ts';
import { type Part, planPart, StorageError } from '../storage/index.ts';
import type { Candidate } from './find.ts';

/**
 * Where a torrent goes. A folder that is there gets a single file put into it, under the torrent's name, as `cp` does;
 * it can become the folder of a torrent of several files only while it is empty.
 *
 * @param output as the user gave it; absent: the torrent's name in the current folder
 * @throws {StorageError} NOT_WRITABLE when something is in the way
 */
export async function planOutput(metainfo: Metainfo, output: string | undefined): Promise<Part> {
  const wanted = resolve(output ?? metainfo.name);
  const isFolder = (await statOf(wanted))?.isDirectory() ?? false;
  if (metainfo.isSingleFile) {
    const path = isFolder ? join(wanted, metainfo.name) : wanted;
    if (isFolder && (await statOf(path))?.isDirectory()) throw inTheWay(path, 'a folder');
    return planPart(path, true, metainfo.files);
  }
  const found = await statOf(wanted);
  if (found !== undefined && !isFolder) throw inTheWay(wanted, 'a file');
  if (isFolder && (await readdir(wanted)).length > 0) throw inTheWay(wanted, 'a folder with something in it');
  return planPart(wanted, false, metainfo.files);
}

/** Whether the very file that is wanted is there already. */
export async function isThereAlready(
  { metainfo, sha256 }: Candidate,
  part: Part,
  pool: HashPool,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await statOf(part.output);
  if (sha256 === undefined || !found?.isFile() || found.size !== metainfo.length) return false;
  return (await pool.sha256File(part.output, { signal })) === sha256;
}

function inTheWay(path: string, what: string): StorageError {
  const reason = `${what} of that name is there`;
  return new StorageError('NOT_WRITABLE', path, { action: 'download to', reason });
}

/** `undefined` when there is nothing; what cannot be looked at shows when it is written to. */
async function statOf(path: string) {
  return stat(path).catch(() => undefined);
}
