import { closeSync, lstatSync, openSync } from 'node:fs';
import { DESCRIPTOR_RETRY_MS, fsPath, lacksDescriptors, MAX_DESCRIPTOR_TRIES } from '../util/index.ts';
import { isOpenAt } from './real-path.ts';

/** A file or folder to open. */
export interface PathToOpen {
  readonly path: string;
  /** Its path without links, if no other file may be opened for it; `undefined` if links in its path are followed. */
  readonly realPath?: string | undefined;
}

/** Does `work`, and again while no descriptor is free. It blocks its thread, which must not be the main one. */
export function patiently<T>(work: () => T): T {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (thrown) {
      if (!lacksDescriptors(thrown) || tries === MAX_DESCRIPTOR_TRIES) throw thrown;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DESCRIPTOR_RETRY_MS);
  }
}

/** Opens a path {@link patiently}. */
export function openPatiently(path: string, flags: number, mode?: number): number {
  return patiently(() => openSync(fsPath(path), flags, mode));
}

/**
 * Does `work` with a file or folder open.
 *
 * @param at the path to open in place of `path`, for example one that leads through an open folder
 * @throws the system's error; ELOOP when a link has taken the place of the file, or of a folder above it
 */
export function withOpenNow<T>(
  { path, realPath }: PathToOpen,
  flags: number,
  work: (fd: number) => T,
  { mode, at = realPath ?? path }: { readonly mode?: number; readonly at?: string } = {},
): T {
  const fd = openPatiently(at, flags, mode);
  try {
    if (realPath !== undefined && !isOpenAt(fd, realPath)) throw ledElsewhereError();
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Names an open folder by a path that leads through it, so that nobody can put a link in its place. @returns the folder's path where there is none */
export function pathThrough(folder: number, realPath: string): string {
  const opened = `/proc/self/fd/${folder}`;
  const isUsable = process.platform === 'linux' && lstatSync(opened, { throwIfNoEntry: false }) !== undefined;
  return isUsable ? opened : realPath;
}

/** Makes the error of the system for a link, for one that has taken the place of a folder above a file. */
export function ledElsewhereError(): Error {
  const message = 'a symbolic link has taken its place, or that of a folder above it';
  return Object.assign(new Error(message), { code: 'ELOOP' });
}
