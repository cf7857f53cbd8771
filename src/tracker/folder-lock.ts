import { once } from 'node:events';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type Closer, toError } from '../util/index.ts';
import { closeServer } from './http/index.ts';
import { TrackerError } from './tracker-error.ts';

const LOCK_FILE = 'tracker.lock';

/**
 * Makes a folder this tracker's own, until it is closed or the process ends, however it ends: a socket in the folder
 * listens as long as the process lives, which processes in other containers see, too.
 *
 * @param folder made when it is not there
 * @throws {TrackerError} STATE_IN_USE, CANNOT_KEEP_STATE
 */
export async function lockFolder(folder: string): Promise<Closer> {
  let handle: FileHandle | undefined;
  const server = createServer((socket) => socket.destroy());
  try {
    await mkdir(folder, { recursive: true });
    handle = await open(folder);
    const path = lockPath(folder, handle);
    if (!(await listenAt(server, path))) {
      if (await isAnswered(path)) {
        throw new TrackerError(
          'STATE_IN_USE',
          `Another tracker keeps its state in ${folder}; name another tracker.stateDir, or end that one first`,
        );
      }
      // Whose socket it was has been killed.
      await rm(path);
      await listenAt(server, path);
    }
  } catch (thrown) {
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

/** The path of a socket has room for a hundred characters; the folder's may have more. */
function lockPath(folder: string, { fd }: FileHandle): string {
  return process.platform === 'linux' ? `/proc/self/fd/${fd}/${LOCK_FILE}` : join(folder, LOCK_FILE);
}

/** @returns `false` when there is a socket already */
async function listenAt(server: Server, path: string): Promise<boolean> {
  try {
    server.listen(path);
    await once(server, 'listening');
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw thrown;
  }
}

/** Whether somebody listens at a socket that is there. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw thrown;
  } finally {
    socket.destroy();
  }
}
