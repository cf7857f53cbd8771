import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lookAtName, makeFolder, readOwnFile, replaceFile } from '../../files/index.ts';
import { toHex } from '../../util/index.ts';

/** The most segments that are looked at. Others are passed over. */
export const MAX_SEGMENTS = 64;
/** The times that the folder is read anew, because another seeder has merged segments meanwhile. */
const MAX_TRIES = 4;
/** The age in milliseconds after which a segment that was never finished is removed. */
const ABANDONED_AFTER_MS = 3_600_000;
const SEGMENT_NAME = /^[0-9a-f]{32}\.hashes$/;
const UNFINISHED_NAME = /^[0-9a-f]{32}\.hashes~$/;
const FOLDER_MODE = 0o700;

/** A segment on disk. It is never changed, only removed once its entries stand in another one. */
export interface SegmentFile {
  readonly path: string;
  /** `undefined` for one that cannot be used: it belongs to another user, is a link, or there was no room for it. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads the segments of a folder, the newest first.
 *
 * @param maxBytes the most bytes of all together
 * @returns an empty list when there is no such folder
 * @throws the system's error when the folder cannot be read
 */
export async function readSegments(folder: string, maxBytes: number): Promise<SegmentFile[]> {
  for (let tries = 1; ; tries += 1) {
    const found = await listSegments(folder);
    const segments: SegmentFile[] = [];
    let room = maxBytes;
    let isGone = false;
    for (const path of found) {
      const bytes = await readOwnFile(path, room);
      room -= bytes?.length ?? 0;
      segments.push({ path, bytes });
      // Another seeder removes a segment only after it has written a new one with its entries.
      if (bytes === undefined && (await lookAtName(path)) === undefined) isGone = true;
    }
    if (!isGone || tries === MAX_TRIES) return segments;
  }
}

/** Writes a new segment in one step. @throws the system's error */
export async function writeSegment(folder: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(folder, FOLDER_MODE);
  await replaceFile(join(folder, `${toHex(randomBytes(16))}.hashes`), bytes);
}

/** Counts the segments of a folder, and their bytes. @returns zeros when there is no such folder */
export async function measureSegments(
  folder: string,
): Promise<{ readonly count: number; readonly bytes: number }> {
  const paths = await listSegments(folder);
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return { count: paths.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Removes segments whose entries stand in another one, and those that a process that ended did not finish. */
export async function removeSegments(folder: string, paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
  for (const name of await namesIn(folder)) {
    if (!UNFINISHED_NAME.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < Date.now() - ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

async function listSegments(folder: string): Promise<string[]> {
  const names = (await namesIn(folder)).filter((name) => SEGMENT_NAME.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return {
        path,
        mtimeMs: await stat(path).then(
          (stats) => stats.mtimeMs,
          () => 0,
        ),
      };
    }),
  );
  const newest = found.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, MAX_SEGMENTS);
  return newest.map(({ path }) => path);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}
