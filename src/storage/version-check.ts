import { type BigIntStats, fstat, stat } from 'node:fs';
import { promisify } from 'node:util';
import { fileVersion, fsPath } from '../util/index.ts';

/** The calls to the file system that a check makes. */
export interface StatCalls {
  readonly ofPath: (path: string) => Promise<BigIntStats>;
  readonly ofOpen: (fd: number) => Promise<BigIntStats>;
}

// These cost a third less than those of node:fs/promises, and there is one for each 512 KiB that is served.
const statPath = promisify(stat);
const statOpen = promisify(fstat);
const SYSTEM_CALLS: StatCalls = {
  ofPath: (path) => statPath(fsPath(path), { bigint: true }),
  ofOpen: (fd) => statOpen(fd, { bigint: true }),
};

/**
 * The check that a file is still what it was when it was hashed, made after each read of it and before its bytes are
 * given to anyone. A check before the read would miss what is written meanwhile.
 *
 * Reads that finish together share a check. At most one is under way; a read that finishes meanwhile waits for the next
 * one, because the check under way may have looked at the file before that read ended.
 */
export class VersionCheck {
  readonly #path: string;
  readonly #version: string;
  readonly #calls: StatCalls;
  /** Tells of open files whether they are the file that was hashed. One that is, or is being looked at, stays here. */
  readonly #opened = new WeakMap<object, Promise<boolean>>();
  #underWay: Promise<boolean> | undefined;
  /** The check that begins when the one under way has ended. */
  #next: Promise<boolean> | undefined;

  /** @param version the state that the file must be in, of `fileVersion()` */
  constructor(path: string, version: string, calls = SYSTEM_CALLS) {
    this.#path = path;
    this.#version = version;
    this.#calls = calls;
  }

  /**
   * Tells whether what was just read from an open file was read from the file that was hashed, in the state it had then.
   *
   * @throws what the file system throws, for example when no file is at the path any more
   */
  async holdsFor(handle: { readonly fd: number }): Promise<boolean> {
    // The open file may be another one, which stood at the path for a moment only.
    const isKnown = await (this.#opened.get(handle) ?? this.#lookAt(handle));
    return (await this.#atPath()) && isKnown;
  }

  #lookAt(handle: { readonly fd: number }): Promise<boolean> {
    const forget = () => this.#opened.delete(handle);
    const looking = this.#calls.ofOpen(handle.fd).then((stats) => {
      const isRight = fileVersion(stats) === this.#version;
      if (!isRight) forget();
      return isRight;
    });
    this.#opened.set(handle, looking);
    looking.catch(forget);
    return looking;
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
