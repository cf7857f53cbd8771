import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import {
  decodeResumeData,
  encodeResumeData,
  type ResumeData,
  type ResumeSubject,
  resumeDataBytes,
} from './resume-data.ts';
import { StorageError } from './storage-error.ts';

/** What new resume data is called until it is whole: this behind its name. */
export const NEW_SUFFIX = '~';

/**
 * Reads resume data.
 *
 * @returns `undefined` when there is none that can be trusted: it is missing, of another torrent, cut off or garbled,
 * or somebody else put it there, as anyone can in a folder like `/tmp`
 */
export async function readResumeFile(path: string, subject: ResumeSubject): Promise<ResumeData | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isFile() !== true || stats.size !== resumeDataBytes(subject)) return undefined;
  if (stats.uid !== (process.getuid?.() ?? stats.uid)) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && decodeResumeData(bytes, subject);
}

/** Replaces resume data in one step: whenever this ends, the old or the new is there, whole. @throws {StorageError} */
export async function writeResumeFile(path: string, data: ResumeData): Promise<void> {
  const newPath = path + NEW_SUFFIX;
  try {
    // Made anew, so that a symbolic link in its place is not followed.
    await rm(newPath, { force: true });
    const handle = await open(newPath, 'wx');
    try {
      await handle.writeFile(encodeResumeData(data));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(newPath, path);
  } catch (thrown) {
    await removeResumeFile(newPath);
    throw StorageError.from(thrown, 'save what is downloaded in', path);
  }
}

/** Nothing there is fine. @throws {StorageError} */
export async function removeResumeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((thrown: unknown) => {
    throw StorageError.from(thrown, 'remove', path);
  });
}
