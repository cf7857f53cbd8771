import { open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { findWritableName, makeFolder, meansFolder, replaceFile, type WritableName } from '../files/index.ts';
import { diskPlatformAt } from '../hashing/index.ts';
import { diskNameOf } from '../metainfo/index.ts';
import { StorageError } from '../storage/index.ts';
import { UsageError } from './errors.ts';
import { refuseStdout } from './refuse-stdout.ts';

/** The place at which a `.torrent` is written. */
export interface TorrentFilePlace {
  /** The path for messages, as the user knows it. */
  readonly shown: string;
  /** The path at the end of all links. */
  readonly path: string;
}

/** The flags of `shoal create` for writing the file. */
export interface WriteFlags {
  /** Whether a file that is there is replaced. */
  readonly force?: true;
}

/**
 * Decides where a `.torrent` is written. In a folder, which is also any path with a slash at its end, it gets the torrent's
 * name.
 *
 * @param output the flag as the user gave it; by default the torrent's name in the current folder
 * @param name the torrent's name
 * @throws {UsageError} when a file is there and may not be replaced, {StorageError} when something else is
 */
export async function findPlace(
  output: string | undefined,
  name: string,
  { force }: WriteFlags,
): Promise<TorrentFilePlace> {
  refuseStdout(output);
  const file = diskNameOf(`${name}.torrent`, await diskPlatformAt(output ?? '.'));
  const given = output ?? file;
  const { kind } = await findName(given);
  const isFolder = meansFolder(given) || kind === 'folder';
  if (isFolder && kind === 'file')
    throw new UsageError(`Cannot write to ${given}: it is a file, not a folder`);
  const shown = isFolder ? join(given, file) : given;
  const found = await findName(shown);
  if (found.kind === 'folder') throw new UsageError(`Cannot write ${shown}: a folder of that name is there`);
  if (found.kind === 'file' && !force) throw alreadyThere(shown);
  return { shown: found.path === resolve(shown) ? shown : found.path, path: found.path };
}

/**
 * Finds the path at the end of all links at which a file is written.
 *
 * @throws {StorageError} for a name under which nothing may be written
 */
async function findName(path: string): Promise<WritableName> {
  try {
    return await findWritableName('write to', path);
  } catch (thrown) {
    throw StorageError.from(thrown, 'write to', path);
  }
}

/** Writes the whole file, or leaves none. @throws {UsageError} when one has appeared meanwhile @throws {StorageError} */
export async function writeTorrentFile(
  { shown, path }: TorrentFilePlace,
  bytes: Uint8Array,
  { force }: WriteFlags,
): Promise<void> {
  try {
    await makeFolder(dirname(path));
    if (force) await replaceFile(path, bytes);
    else await writeNew(path, bytes);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(shown);
    throw StorageError.from(thrown, 'write', shown);
  }
}

async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  await using opened = await open(file, 'wx');
  try {
    await opened.writeFile(bytes);
  } catch (thrown) {
    await rm(file, { force: true });
    throw thrown;
  }
}

function alreadyThere(file: string): UsageError {
  return new UsageError(`Cannot write ${file}: it is there already; --force replaces it`);
}
