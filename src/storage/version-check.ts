import type { BigIntStats } from 'node:fs';
import { fileVersion } from '../util/index.ts';
import { type StatCalls, SYSTEM_STAT_CALLS } from './stat-calls.ts';

/** A file that is open. */
interface Handle {
  readonly fd: number;
}

/** The result of a look at an open file. */
interface Opened {
  /** Whether it is the file that was hashed, in the same state. */
  readonly isRight: boolean;
  readonly inode: string;
  readonly isInMemory: boolean;
}

/** Makes a text for the state of an inode, which differs once it was written to, renamed, linked or deleted. */
function inodeState(stats: BigIntStats): string {
  return `${fileVersion(stats)}:${stats.ctimeNs}:${stats.nlink}`;
}

/**
 * A check that a file has not changed since it was hashed. It is made after each read, before anyone gets the bytes: a
 * check before the read would miss a write during it.
 *
 * A check looks at the path. Reads that finish together share one check, and at most one is under way. A read that
 * finishes during a check waits for the next one, because the first may have looked at the file before the read ended.
 *
 * While the inode of the open file has the state that it had when a check found the file at its path, no other check is
 * needed: the file was neither written to, replaced nor deleted. On the local file systems of Linux, where looking at an
 * inode cannot hang, the inode is looked at first. That is twenty times as fast as a check of the path by another thread.
 * It does not notice that a folder above the file was renamed, but the bytes are right then, too.
 */
export class VersionCheck {
  readonly #path: string;
  readonly #version: string;
  readonly #calls: StatCalls;
  /** The open files that were looked at, or are being looked at. */
  readonly #opened = new WeakMap<Handle, Promise<Opened>>();
  /** The states of the inodes of open files that were found at the path after they had the state. */
  readonly #inodes = new WeakMap<Handle, string>();
  #underWay: Promise<boolean> | undefined;
  /** The check that begins when the one under way has ended. */
  #next: Promise<boolean> | undefined;

  /** @param version the `fileVersion()` that the file must have */
  constructor(path: string, version: string, calls = SYSTEM_STAT_CALLS) {
    this.#path = path;
    this.#version = version;
    this.#calls = calls;
  }

  /**
   * Tells whether the bytes that were just read from an open file are those of the file that was hashed, in the same state.
   *
   * @throws the file system's error, for example when no file is at the path any more
   */
  async holdsFor(handle: Handle): Promise<boolean> {
    const inode = this.#inodes.get(handle);
    if (inode !== undefined) {
      if (inodeState(this.#calls.ofOpenNow(handle.fd)) === inode) return true;
      this.#forget(handle);
    }
    // The open file may be another one, which was at the path only for a moment.
    const opened = await (this.#opened.get(handle) ?? this.#lookAt(handle));
    const isSame = (await this.#atPath()) && opened.isRight;
    if (!isSame) this.#forget(handle);
    else if (opened.isInMemory) this.#inodes.set(handle, opened.inode);
    return isSame;
  }

  #forget(handle: Handle): void {
    this.#inodes.delete(handle);
    this.#opened.delete(handle);
  }

  #lookAt(handle: Handle): Promise<Opened> {
    const looking = this.#look(handle);
    this.#opened.set(handle, looking);
    looking.catch(() => this.#forget(handle));
    return looking;
  }

  async #look({ fd }: Handle): Promise<Opened> {
    const [stats, isInMemory] = await Promise.all([
      this.#calls.ofOpen(fd),
      this.#calls.isInMemory(this.#path),
    ]);
    return { isRight: fileVersion(stats) === this.#version, inode: inodeState(stats), isInMemory };
  }

  #atPath(): Promise<boolean> {
    if (this.#next !== undefined) return this.#next;
    const underWay = this.#underWay;
    if (underWay === undefined) return this.#begin();
    const begin = () => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = underWay.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<boolean> {
    const checking = this.#calls
      .ofPath(this.#path)
      .then((stats) => fileVersion(stats) === this.#version)
      .finally(() => {
        this.#underWay = undefined;
      });
    this.#underWay = checking;
    return checking;
  }
}
