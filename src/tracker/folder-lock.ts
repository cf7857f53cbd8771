import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { makeFolder } from '../files/index.ts';
import { type Closer, toError } from '../util/index.ts';
import { closeServer } from './http/index.ts';
import { TrackerError } from './tracker-error.ts';

const LOCK_FILE = 'tracker.lock';
/** What is in the folder is for the tracker's user alone: tokens' hashes, and who holds what. */
const FOLDER_MODE = 0o700;
const WRITABLE_BY_ALL = 0o002;
const ROOT_UID = 0;
const LOCK_FILES = /^tracker\.lock(?:\.[0-9a-f]+)?$/;

/**
 * Makes a folder this tracker's own, until it is closed or the process ends, however it ends: a socket in the folder
 * listens as long as the process lives, which processes in other containers see, too.
 *
 * Each tracker first listens at a socket of its own, and then looks for others: the folder is its own if nobody answers at
 * any. So of two that start at once, at least the later one to look finds the other, and never do both have the folder. It
 * may be that neither has it, when each finds the other. Sockets of those that were killed are removed by who has the folder.
 *
 * @param folder made when it is not there, for this user alone; one of another user, or that all may write to, is refused
 * @throws {TrackerError} STATE_IN_USE, CANNOT_KEEP_STATE
 */
export async function lockFolder(folder: string): Promise<Closer> {
  let handle: FileHandle | undefined;
  const server = createServer((socket) => socket.destroy());
  const own = `${LOCK_FILE}.${randomBytes(4).toString('hex')}`;
  try {
    await makeFolder(folder, FOLDER_MODE);
    handle = await open(folder);
    const place = placeOf(folder, handle);
    server.listen(join(place, own));
    await once(server, 'listening');
    await checkFolder(folder, handle, join(place, own));
    const others = (await readdir(place)).filter((name) => LOCK_FILES.test(name) && name !== own);
    const isInUse = await anyIsAnswered(others.map((name) => join(place, name)));
    if (isInUse || (await isGone(join(place, own)))) {
      throw new TrackerError(
        'STATE_IN_USE',
        `Another tracker keeps its state in ${folder}; name another tracker.stateDir, or end that one first`,
      );
    }
    for (const name of others) await rm(join(place, name), { force: true });
  } catch (thrown) {
    if (server.listening) await closeServer(server);
    await handle?.close();
    if (thrown instanceof TrackerError) throw thrown;
    throw new TrackerError(
      'CANNOT_KEEP_STATE',
      `Cannot keep state in ${folder}: ${toError(thrown).message}`,
      {
        cause: thrown,
      },
    );
  }
  server.unref();
  const locked = handle;
  return {
    name: 'the lock of the state folder',
    async close() {
      await closeServer(server);
      await locked.close();
    },
  };
}

/**
 * Refuses a folder in which others could put what this tracker would read, or write through.
 *
 * @param own a file that was just made in it: disks of other machines may give users other ids
 */
async function checkFolder(folder: string, handle: FileHandle, own: string): Promise<void> {
  const { uid, mode } = await handle.stat();
  const owners = [process.geteuid?.() ?? uid, (await lstat(own)).uid, ROOT_UID];
  if (!owners.includes(uid)) {
    throw new TrackerError(
      'CANNOT_KEEP_STATE',
      `Cannot keep state in ${folder}: it belongs to another user (uid ${uid}), who could change the state; name another tracker.stateDir, or make it this user's`,
    );
  }
  // Windows has no such bits: it says that all may write.
  if (process.platform === 'win32' || (mode & WRITABLE_BY_ALL) === 0) return;
  throw new TrackerError(
    'CANNOT_KEEP_STATE',
    `Cannot keep state in ${folder}: all users may write to it, and could change the state; name another tracker.stateDir, or chmod o-w it`,
  );
}

/** Another path of the folder: that of a socket has room for a hundred characters; the folder's own may have more. */
function placeOf(folder: string, { fd }: FileHandle): string {
  return process.platform === 'linux' ? `/proc/self/fd/${fd}` : folder;
}

/** Whether somebody has taken a socket of ours for one of those that were killed, before it listened. */
async function isGone(path: string): Promise<boolean> {
  try {
    await access(path);
    return false;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw thrown;
  }
}

async function anyIsAnswered(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (await isAnswered(path)) return true;
  return false;
}

/** Whose socket it was has been killed; has closed it since it was found; closes it this very moment. */
const NOBODY = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET'];

/** Whether somebody listens at a socket. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (thrown) {
    if (NOBODY.includes((thrown as NodeJS.ErrnoException).code ?? '')) return false;
    throw thrown;
  } finally {
    socket.destroy();
  }
}
