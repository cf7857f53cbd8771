import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { toError } from '../../../../util/index.ts';
import { TrackerStartError } from '../../../errors/index.ts';
import { CatalogFile } from './catalog-file.ts';
import { checkedValue } from './checked-value.ts';
import { DamagedFile, type Entry } from './damaged-file.ts';
import { cannotKeep, MOVE_IT, openToRead } from './data-file.ts';
import { asideOf, lockOf } from './set-aside.ts';
import {
  CHECKED_FORMAT_KEY,
  FORMAT,
  FORMAT_KEY,
  isNewerFormat,
  isSoundEntry,
  METAINFO,
  SEEDER,
  UNCHECKED_METAINFO,
} from './stored-entry.ts';

/** The most keys of a transaction on the new file, and about the most bytes of its values. */
const KEYS_AT_ONCE = 1000;
const BYTES_AT_ONCE = 1024 * 1024;
/** The ending of the name of a new file until it takes the place of a damaged one. */
const NEW_SUFFIX = '.new';

/**
 * Reads a catalog's file to its end without LMDB, which trusts the file: checks its pages, the digests of its values, and
 * its list of free pages, because writing to a page that is not free destroys data.
 *
 * @returns the first defect; `undefined` when there is none, and when the path is no file
 * @throws {TrackerStartError} BAD_STATE for a catalog of a newer version, whether or not it has a defect
 */
export async function findDefect(path: string): Promise<string | undefined> {
  await using file = await openToRead(path);
  if (file === undefined) return undefined;
  let defect: string | undefined;
  const pages = DamagedFile.open(file.fd, (first) => {
    defect ??= first;
  });
  if (pages === undefined) return 'it is no file of LMDB';
  let [ours, wrong]: [number, string | undefined] = [0, undefined];
  let [format, checkedFormat]: (Uint8Array | undefined)[] = [];
  const tell = (next: string): void => {
    defect ??= next;
  };
  for await (const { key, value } of inSteps(pages.entries(tell))) {
    if (key === FORMAT_KEY) format = value;
    else if (key === CHECKED_FORMAT_KEY) checkedFormat = checkedValue(key, value);
    else if (key.startsWith(UNCHECKED_METAINFO) || isSoundEntry(key, value)) ours += 1;
    else wrong ??= `what stands under ${JSON.stringify(key.slice(0, 64))} is not what was written`;
  }
  pages.checkFreePages(tell);
  const isOurs = [format, checkedFormat].some((each) => each && Buffer.from(each).toString() === FORMAT);
  if (!isOurs && isNewerFormat(format)) {
    const found = Buffer.from(format!).toString();
    throw new TrackerStartError('BAD_STATE', `${path} holds “${found}”, not “${FORMAT}”; ${MOVE_IT}`);
  }
  if (defect !== undefined) return defect;
  // A sound file of another program is not replaced: opening it reports what it is.
  if (!isOurs && ours === 0) return undefined;
  if (format === undefined || Buffer.from(format).toString() !== FORMAT) return 'its format is not named';
  return wrong;
}

/** The counts of entries that a new catalog has taken over from the damaged one, and the path of that one now. */
export interface BegunAnew {
  readonly aside: string;
  readonly seeders: number;
  readonly metainfo: number;
}

/**
 * Replaces a damaged file by a new one with all its entries that are still as they were written. The damaged file is not
 * written to and is kept under another name. At any time, one of the two is at the path and complete.
 *
 * @throws {TrackerStartError} CANNOT_KEEP_STATE, as when the disk is full; then the damaged file is where it was
 */
export async function beginAnew(path: string): Promise<BegunAnew> {
  const next = `${path}${NEW_SUFFIX}`;
  try {
    await forget(next);
    const counts = await copySound(path, next);
    await bringToDisk(next);
    const aside = await replace(path, next);
    await rm(lockOf(next), { force: true });
    return { aside, ...counts };
  } catch (thrown) {
    await forget(next).catch(() => {});
    throw cannotKeep(
      path,
      thrown instanceof TrackerStartError && thrown.cause ? thrown.cause : toError(thrown),
    );
  }
}

async function copySound(path: string, to: string): Promise<Pick<BegunAnew, 'seeders' | 'metainfo'>> {
  await using file = await openToRead(path);
  const pages = file && DamagedFile.open(file.fd, () => {});
  const next = await CatalogFile.open(to);
  try {
    if (pages !== undefined) {
      for await (const _ of inSteps(pages.entries(() => {})));
      // Older values are copied first, so that newer ones overwrite them.
      await copyEntries(pages.replacedEntries(), next);
      await copyEntries(
        pages.entries(() => {}),
        next,
      );
    }
    const counts = { seeders: 0, metainfo: 0 };
    for (const key of next.keys()) {
      if (key.startsWith(SEEDER)) counts.seeders += 1;
      if (key.startsWith(METAINFO)) counts.metainfo += 1;
    }
    return counts;
  } finally {
    await next.close();
  }
}

async function copyEntries(entries: Iterable<Entry>, to: CatalogFile): Promise<void> {
  let batch = new Map<string, Uint8Array>();
  let bytes = 0;
  for await (const { key, value } of inSteps(entries)) {
    if (!isSoundEntry(key, value)) continue;
    batch.set(key, value);
    bytes += value.length;
    if (batch.size < KEYS_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
    await to.write(batch);
    [batch, bytes] = [new Map(), 0];
  }
  if (batch.size > 0) await to.write(batch);
}

/** @returns the path of the damaged file now; a file that was there before is gone */
async function replace(path: string, next: string): Promise<string> {
  const aside = asideOf(path);
  await rm(aside, { force: true });
  // Some file systems have no hard links: there, the file is missing for a moment, between two renames.
  await link(path, aside).catch(() => rename(path, aside));
  await rename(next, path);
  await rm(lockOf(path), { force: true });
  await bringToDisk(dirname(path));
  return aside;
}

/** Waits until a file, or the names in a folder, are on the disk. */
async function bringToDisk(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

async function forget(path: string): Promise<void> {
  for (const each of [path, lockOf(path)]) await rm(each, { force: true });
}

/** Goes through entries, with a turn of the event loop now and then. */
async function* inSteps(entries: Iterable<Entry>): AsyncGenerator<{ key: string; value: Uint8Array }> {
  let count = 0;
  for (const { key, value } of entries) {
    count += 1;
    if (count % KEYS_AT_ONCE === 0) await setImmediate();
    yield { key: key.toString(), value };
  }
}
