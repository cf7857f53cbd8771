import { open, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileStateOf, type VerifyResult } from '../hashing/index.ts';
import type { Metainfo } from '../metainfo/index.ts';
import { type Part, StorageError } from '../storage/index.ts';
import { formatCount, withoutMiddle } from '../util/index.ts';
import type { Watch } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { isListingInPlaceOfFolder, type ReadBytesAt } from './listing-file.ts';
import type { PlannedOutput } from './output.ts';
import { paced } from './paced.ts';
import { progressOf } from './progress-of.ts';

/** The most names of files in one message. */
const NAMES_TOLD = 3;

/**
 * Tells whether the wanted file or folder is there already. A file is checked by its SHA-256 if that is known. Otherwise it is
 * checked by the hashes of its pieces, and so is a folder. No file is read if sizes already differ.
 *
 * @throws {StorageError} NOT_WRITABLE when something else is there that must not be replaced: a folder, or a file whose name
 * the torrent chose
 */
export async function isThereAlready(
  candidate: TorrentCandidate,
  planned: PlannedOutput,
  resources: Pick<DiskTools, 'pool' | 'clock'> & Watch,
): Promise<boolean> {
  if (planned.found === 'nothing') return false;
  const isThere = await isWanted(candidate, planned, resources);
  if (isThere || planned.mayReplace) return isThere;
  throw new StorageError('NOT_WRITABLE', planned.part.output, {
    action: 'download to',
    reason:
      "a file of that name is there, and it is not what is wanted. The torrent's name replaces no file: name the output (-o), or allow it (--force)",
  });
}

async function isWanted(
  candidate: TorrentCandidate,
  { part }: PlannedOutput,
  resources: Pick<DiskTools, 'pool' | 'clock'> & Watch,
): Promise<boolean> {
  const { metainfo, sha256 } = candidate;
  const bad = await filesOfOtherSize(metainfo, part);
  if (bad.length > 0) return refuseFolder(candidate, part, bad, 'missing or of another size');
  const { pool, signal, clock, tell } = resources;
  const onProgress = paced(clock, (done: number) => tell(progressOf('checking', candidate, done)));
  if (sha256 !== undefined) {
    const isIt = (await pool.sha256File(part.output, { signal, onProgress })) === sha256;
    return isIt && !(await isListingInPlaceOfFolder(candidate, readerOf(part.output)));
  }
  const result = await pool.verifyFiles(metainfo, part.output, { signal, onProgress });
  return result.isComplete || refuseFolder(candidate, part, damagedFiles(metainfo, result), 'different');
}

/** Makes a reader of a file on disk. */
function readerOf(path: string): ReadBytesAt {
  return async (offset, into) => {
    const file = await open(path, 'r');
    try {
      await file.read(into, 0, into.length, offset);
    } finally {
      await file.close();
    }
  };
}

/** Refuses a folder with bad files. @returns `false` for a file, which may be replaced */
function refuseFolder(
  { metainfo }: TorrentCandidate,
  { output }: Part,
  bad: readonly string[],
  how: string,
): false {
  if (metainfo.isSingleFile) return false;
  const names =
    bad.slice(0, NAMES_TOLD).map(withoutMiddle).join(', ') + (bad.length > NAMES_TOLD ? ', …' : '');
  const count = `${bad.length} of ${formatCount(metainfo.files.length, 'file')} in it ${bad.length === 1 ? 'is' : 'are'} ${how}: ${names}`;
  throw new StorageError('NOT_WRITABLE', output, {
    action: 'download to',
    reason: `a folder of that name is there, and ${count}. Move it away, or name another one`,
  });
}

/** Lists the names of the files that are missing or have another size. */
async function filesOfOtherSize({ files, isSingleFile }: Metainfo, part: Part): Promise<string[]> {
  const bad: string[] = [];
  for (const [index, { path, length }] of files.entries()) {
    const diskPath = isSingleFile
      ? part.output
      : join(part.output, relative(part.path, part.files[index]!.path));
    const found = await stat(diskPath).catch(() => undefined);
    if (found?.isFile() !== true || found.size !== length) bad.push(path.join('/'));
  }
  return bad;
}

function damagedFiles(metainfo: Metainfo, result: VerifyResult): string[] {
  return metainfo.files
    .filter((_, index) => fileStateOf(metainfo, result, index) !== 'ok')
    .map(({ path }) => path.join('/'));
}
