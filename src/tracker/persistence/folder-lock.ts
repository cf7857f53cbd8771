import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { access, type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { makeFolder } from '../../files/index.ts';
import { closeServer } from '../../net/index.ts';
import { type Closer, toError } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';

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
 * @throws {TrackerStartError} STATE_IN_USE, CANNOT_KEEP_STATE
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
    const fault = folderFault(await handle.stat(), (await lstat(join(place, own))).uid);
    if (fault !== undefined) throw new Error(fault);
    const others = (await readdir(place)).filter((name) => LOCK_FILES.test(name) && name !== own);
    const isInUse = await anyIsAnswered(others.map((name) => join(place, name)));
    if (isInUse || (await isGone(join(place, own)))) {
      throw new TrackerStartError(
        'STATE_IN_USE',
        `Another tracker keeps its state in ${folder}; name another tracker.stateDir, or end that one first`,
      );
    }
    for (const name of others) await rm(join(place, name), { force: true });
  } catch (thrown) {
    if (server.listening) await closeServer(server);
    await handle?.close();
    if (thrown instanceof TrackerStartError) throw thrown;
    throw new TrackerStartError(
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
 * Finds out whether others could put into a folder what this tracker would read, or write through.
 *
 * @param ownUid the owner of what this process makes there: disks of other machines may give users other ids
 * @returns what is wrong, as a clause
 */
export function folderFault({ uid, mode }: Pick<Stats, 'uid' | 'mode'>, ownUid: number): string | undefined {
  // Windows has neither: it says that root owns all, and that all may write.
  if (process.platform === 'win32') return undefined;
  if (![process.geteuid?.(), ownUid, ROOT_UID].includes(uid)) {
    return `it belongs to another user (uid ${uid}), who could change the state; name another tracker.stateDir, or make it this user's`;
  }
  if ((mode & WRITABLE_BY_ALL) === 0) return undefined;
  return 'all users may write to it, and could change the state; name another tracker.stateDir, or chmod o-w it';
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
