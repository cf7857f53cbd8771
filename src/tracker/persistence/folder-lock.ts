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
/** The mode of the folder, which is for the tracker's user alone: it has hashes of tokens, and tells who holds what. */
const FOLDER_MODE = 0o700;
const WRITABLE_BY_ALL = 0o002;
const ROOT_UID = 0;
const LOCK_FILES = /^tracker\.lock(?:\.[0-9a-f]+)?$/;

/**
 * Locks a folder for this tracker until it is closed or the process ends in any way. A socket in the folder listens as long
 * as the process lives, which processes in other containers can see as well.
 *
 * Each tracker first listens at a socket of its own, and then looks for others: it has the folder if nobody answers at any
 * of them. So of two trackers that start at once, the one that looks later finds the other, and never do both have the
 * folder; neither has it when each finds the other. The tracker that has the folder removes the sockets of killed ones.
 *
 * @param folder is made, for this user alone, if it does not exist; a folder of another user, or that all may write to, is
 * refused
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
 * Finds out whether other users could put files into a folder that this tracker would read, or links that it would write
 * through.
 *
 * @param ownUid the owner of a file that this process makes there, since a network disk may give users other ids
 * @returns the fault as a clause; `undefined` when there is none
 */
export function folderFault({ uid, mode }: Pick<Stats, 'uid' | 'mode'>, ownUid: number): string | undefined {
  // Windows has no owners and modes of this kind: Node says there that root owns all files and that all may write.
  if (process.platform === 'win32') return undefined;
  if (![process.geteuid?.(), ownUid, ROOT_UID].includes(uid)) {
    return `it belongs to another user (uid ${uid}), who could change the state; name another tracker.stateDir, or make it this user's`;
  }
  if ((mode & WRITABLE_BY_ALL) === 0) return undefined;
  return 'all users may write to it, and could change the state; name another tracker.stateDir, or chmod o-w it';
}

/**
 * Gives another path of the folder, because the path of a socket has room for a hundred characters and the folder's own may
 * be longer.
 */
function placeOf(folder: string, { fd }: FileHandle): string {
  return process.platform === 'linux' ? `/proc/self/fd/${fd}` : folder;
}

/** Says whether another tracker has removed this one's socket as that of a killed tracker, before it listened. */
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

/**
 * The codes that say that nobody listens: the tracker was killed, has closed its socket, or is closing it at this moment.
 */
const NOBODY = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET'];

/** Says whether a process listens at a socket. */
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
