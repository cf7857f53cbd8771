import { createHash } from 'node:crypto';
import { lstat, lutimes, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, readInput } from '../files/index.ts';
import { type CancelTimer, type Clock, inBackground, type ReportError } from '../util/index.ts';
import { checkPartFiles, checkPartNames } from './check-part.ts';
import type { Part } from './part.ts';
import { identifySelf, isRunning, type ProcessIdentity } from './process-identity.ts';
import { StorageError } from './storage-error.ts';

/** The milliseconds between two renewals of a lock, by which its owner shows that it is alive. */
const RENEW_MS = 3_000;
/**
 * The milliseconds without a renewal after which an owner counts as gone, if it cannot be seen from here, for example on
 * another machine.
 */
const STALE_MS = 15_000;
/** The most bytes of a lock that are read; ours have a few hundred. */
const MAX_LOCK_BYTES = 4096;
/** The number of stale locks that are removed, one after the other, before this gives up. */
const ATTEMPTS = 5;

/** The exclusive right to write a part, until it is released. */
export interface PartLock {
  /** Releases the lock. @throws {StorageError} */
  release(): Promise<void>;
}

/**
 * Takes the lock of a part, so that only one download writes it: of all downloads in this process, in other processes, and
 * on other machines that share the disk.
 *
 * The lock is a file that names its owner. A lock whose owner is gone is taken over: at once if the owner was a process
 * that can be seen from here, or else when the file was not renewed for 15 seconds.
 *
 * @throws {StorageError} IN_USE when another download holds it; NOT_WRITABLE when a file that is in the way was not left by
 * a download of this user
 */
export async function lockPart(
  part: Part,
  { clock, report }: { readonly clock: Clock; readonly report: ReportError },
): Promise<PartLock> {
  const path = part.lockPath;
  await checkPartNames(part);
  try {
    await makeFolder(dirname(path));
    await take(part, await identifySelf());
  } catch (thrown) {
    throw StorageError.from(thrown, 'lock', path);
  }
  try {
    await checkPartFiles(part, await ownersOf(path));
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  }
  const stopRenewing = renewNowAndThen(path, clock, report);
  return {
    async release() {
      stopRenewing();
      await rm(path, { force: true }).catch((thrown: unknown) => {
        throw StorageError.from(thrown, 'unlock', path);
      });
    },
  };
}

/**
 * Lists our user ids: that of the process, and the owner of the lock that was just made, since a shared disk may change
 * ids.
 */
export async function ownersOf(lockPath: string): Promise<ReadonlySet<number>> {
  const { uid } = await lstat(lockPath).catch((thrown: unknown) => {
    throw StorageError.from(thrown, 'look at', lockPath);
  });
  return new Set([uid, process.getuid?.() ?? uid]);
}

/**
 * Removes the lock of a download that is over. A process that is killed after it has delivered leaves one. A lock that is
 * held, or may belong to another user, stays.
 *
 * @throws {StorageError}
 */
export async function removeStaleLock(part: Part): Promise<void> {
  const path = part.lockPath;
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.uid !== (process.geteuid?.() ?? found.uid)) return;
  try {
    const text = await readOrNothing(path);
    const owner = text === undefined ? undefined : parseOwner(text);
    if (owner === undefined || (await isHeld(path, owner, await identifySelf()))) return;
    await clearAway(part, text!);
  } catch (thrown) {
    throw StorageError.from(thrown, 'unlock', path);
  }
}

async function take(part: Part, self: ProcessIdentity): Promise<void> {
  const path = part.lockPath;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await tryMake(path, JSON.stringify(self))) return;
    const text = await readOrNothing(path);
    // No text means that the lock was released at this moment.
    if (text === undefined) continue;
    const owner = parseOwner(text);
    if (await isHeld(path, owner, self)) throw inUse(part, owner, await userOf(path));
    await clearAway(part, text);
  }
  throw inUse(part, undefined, await userOf(path));
}

/** Makes a file with a text. On a full disk it leaves no empty one, which would look like the lock of somebody else. */
async function tryMake(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EEXIST') return undefined;
    throw thrown;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(text);
    return true;
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  } finally {
    await file.close();
  }
}

async function isHeld(
  path: string,
  owner: ProcessIdentity | undefined,
  self: ProcessIdentity,
): Promise<boolean> {
  if (owner?.machine === self.machine) return isRunning(owner);
  return isFresh(path);
}

/**
 * Removes a lock that nobody holds. Others may remove it at the same moment, and one of them may have made a new lock by
 * now. So this first makes a claim, a file that is named after the text of the lock and that only one can make, and then
 * looks at the lock again.
 *
 * @throws {StorageError} NOT_WRITABLE for the lock of another user, as the owner of the claim tells on this disk
 */
async function clearAway({ output, lockPath: path }: Part, text: string): Promise<void> {
  const claim = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  if (!(await tryMake(claim, ''))) {
    // The maker of the claim is at work, or was killed in the middle of it.
    if (!(await isFresh(claim))) await rm(claim, { force: true });
    return;
  }
  try {
    const [user, ownUser] = [await userOf(path), await userOf(claim)];
    if (user !== undefined && user !== ownUser) {
      const reason = `${path}, a name that the download needs, belongs to another user (uid ${user}); remove it, or choose another output`;
      throw new StorageError('NOT_WRITABLE', output, { action: 'download to', reason });
    }
    if ((await readOrNothing(path)) === text) await rm(path, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
}

/** Finds the user id that a file belongs to; `undefined` when it cannot be looked at. */
async function userOf(path: string): Promise<number | undefined> {
  return (await lstat(path).catch(() => undefined))?.uid;
}

async function isFresh(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < STALE_MS;
}

async function readOrNothing(path: string): Promise<string | undefined> {
  const bytes = await readInput(path, MAX_LOCK_BYTES).catch(() => undefined);
  return bytes?.toString();
}

/** Reads the owner from the text of a lock. @returns `undefined` when it is no lock, or is being written */
function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime, machine } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (!Number.isSafeInteger(pid) || typeof startTime !== 'string' || typeof machine !== 'string') {
      return undefined;
    }
    return { pid: pid!, startTime, machine };
  } catch {
    return undefined;
  }
}

function renewNowAndThen(path: string, clock: Clock, report: ReportError): CancelTimer {
  let isReleased = false;
  let cancelTimer: CancelTimer = () => {};
  const renewLater = () => {
    if (isReleased) return;
    cancelTimer = clock.setTimer(RENEW_MS, () => {
      inBackground(renew().finally(renewLater), `renew the lock ${path}`, report);
    });
  };
  const renew = async () => {
    const now = new Date();
    // If somebody has put a link in its place, this does not follow it.
    await lutimes(path, now, now).catch((thrown: unknown) => {
      if (!isReleased) throw thrown;
    });
  };
  renewLater();
  return () => {
    isReleased = true;
    cancelTimer();
  };
}

function inUse(
  { output, lockPath }: Part,
  owner: ProcessIdentity | undefined,
  user: number | undefined,
): StorageError {
  const isOther = user !== undefined && user !== (process.geteuid?.() ?? user);
  const whose = isOther ? ` of another user (uid ${user})` : '';
  const who = `${owner === undefined ? 'another process' : `process ${owner.pid}`}${whose}`;
  const reason = `${who} is downloading to it; if it is not, remove ${lockPath}`;
  return new StorageError('IN_USE', output, { action: 'download to', reason });
}
