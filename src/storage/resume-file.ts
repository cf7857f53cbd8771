import { rm } from 'node:fs/promises';
import { readOwnFile, replaceFile } from '../files/index.ts';
import {
  decodeResumeData,
  encodeResumeData,
  type ResumeData,
  type ResumeSubject,
  resumeDataBytes,
} from './resume-data.ts';
import { StorageError } from './storage-error.ts';

/**
 * Reads resume data.
 *
 * @returns `undefined` when there is none that can be trusted: it is missing, of another torrent, cut off or garbled,
 * or somebody else put it there, as anyone can in a folder like `/tmp`
 */
export async function readResumeFile(path: string, subject: ResumeSubject): Promise<ResumeData | undefined> {
  const bytes = await readOwnFile(path, resumeDataBytes(subject));
  return bytes && decodeResumeData(bytes, subject);
}

/**
 * Replaces resume data in one step, so that the old or the new is there, whole, whenever this ends.
 *
 * @throws {StorageError}
 */
export async function writeResumeFile(path: string, data: ResumeData): Promise<void> {
  try {
    await replaceFile(path, encodeResumeData(data));
  } catch (thrown) {
    throw StorageError.from(thrown, 'save what is downloaded in', path);
  }
}

/** Removes resume data. It is no error when there is none. @throws {StorageError} */
export async function removeResumeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((thrown: unknown) => {
    throw StorageError.from(thrown, 'remove', path);
  });
}
