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
 * @returns `undefined` when there is none to trust: it is missing, belongs to another torrent, is cut off or damaged, or
 * another user has put it there, as anyone can in a folder such as `/tmp`
 */
export async function readResumeFile(path: string, subject: ResumeSubject): Promise<ResumeData | undefined> {
  const bytes = await readOwnFile(path, resumeDataBytes(subject));
  return bytes && decodeResumeData(bytes, subject);
}

/**
 * Replaces resume data in one step: even after a crash, either the whole old data or the whole new data is there.
 *
 * @throws {StorageError}
 */
export async function writeResumeFile(path: string, data: ResumeData): Promise<void> {
  try {
    await replaceFile(path, encodeResumeData(data));
  } catch (thrown) {
    throw StorageError.from(thrown, 'save the progress of the download in', path);
  }
}

/** Removes resume data. It is no error if there is none. @throws {StorageError} */
export async function removeResumeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((thrown: unknown) => {
    throw StorageError.from(thrown, 'remove', path);
  });
}
