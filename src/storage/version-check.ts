import type { BigIntStats } from 'node:fs';
import { fileVersion } from '../util/index.ts';
import { type StatCalls, SYSTEM_STAT_CALLS } from './stat-calls.ts';

/** A file that is open. */
interface Handle {
  readonly fd: number;
}

/** The findings about an open file that was looked at. */
interface Opened {
  /** Whether it is the file that was hashed, in the state it had then. */
  readonly isRight: boolean;
  readonly inode: string;
  readonly isInMemory: boolean;
}

/** Names the state of an inode: the text differs once it was written to, renamed, linked or deleted. */
function inodeState(stats: BigIntStats): string {
  return `${fileVersion(stats)}:${stats.ctimeNs}:${stats.nlink}`;
}

/**
 * A check that a file is still what it was when it was hashed, made after each read of it and before its bytes are
 * given to anyone. A check before the read would miss what is written meanwhile.
 *
 * A check looks at the path. Reads that finish together share one, and at most one is under way: a read that finishes
 * meanwhile waits for the next, because the one under way may have looked at the file before that read ended.
 *
 * While the inode of the open file stays as it was when a check found the file at its path, no other check is needed:
 * it was neither written to, replaced nor deleted. Where that costs no call that could hang, on the local file systems
 * of Linux, the inode is looked at first, which is twenty times as fast as a check of the path by another thread. It does
 * not tell that a folder above the file was renamed; the bytes are right then, too.
 */
export class VersionCheck {
  readonly #path: string;
  readonly #version: string;
  readonly #calls: StatCalls;
  /** Open files that were looked at, or are being looked at. */
  readonly #opened = new WeakMap<Handle, Promise<Opened>>();
  /** The inodes of open files that were found at the path after they had this state. */
  readonly #inodes = new WeakMap<Handle, string>();
  #underWay: Promise<boolean> | undefined;
  /** The check that begins when the one under way has ended. */
  #next: Promise<boolean> | undefined;

  /** @param version the state that the file must be in, of `fileVersion()` */
  constructor(path: string, version: string, calls = SYSTEM_STAT_CALLS) {
    this.#path = path;
    this.#version = version;
    this.#calls = calls;
  }

  /**
   * Tells whether what was just read from an open file was read from the file that was hashed, in the state it had then.
   *
   * @throws what the file system throws, for example when no file is at the path any more
   */
  async holdsFor(handle: Handle): Promise<boolean> {
    const inode = this.#inodes.get(handle);
    if (inode !== undefined) {
      if (inodeState(this.#calls.ofOpenNow(handle.fd)) === inode) return true;
      this.#forget(handle);
    }
    // The open file may be another one, which was at the path for a moment only.
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
