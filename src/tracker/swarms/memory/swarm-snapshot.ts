import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openAnew, readInput, requireReplaceable } from '../../../files/index.ts';
import { type Clock, ShoalError } from '../../../util/index.ts';
import type { MemorySwarmStore } from './memory-swarm-store.ts';

/** The most bytes of a snapshot that is read: more than the IPv4 peers of `tracker.maxPeers` take. */
export const MAX_SNAPSHOT_BYTES = 512 * 1024 * 1024;

/** The start of the file; its last byte is the version of the format. */
const MAGIC = Buffer.from('shoalsw\x01', 'latin1');
const HEAD_BYTES = MAGIC.length + 8;
const LENGTH_BYTES = 4;
const DIGEST_BYTES = 32;
/** The number of bytes that are hashed and written before announces get their turn. */
const SLICE_BYTES = 256 * 1024;

/** The error of a file that is no snapshot, or not a complete one. */
export class SnapshotError extends ShoalError<'BAD_SNAPSHOT'> {}

export interface SwarmSnapshotOptions {
  readonly store: MemorySwarmStore;
  /** The path of the snapshot; a file with `.tmp` at the end is written beside it. */
  readonly path: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
}

/**
 * The swarms of a {@link MemorySwarmStore} in a file, so that a tracker that starts again knows its peers.
 *
 * The format of the file: `shoalsw` and the version, 1, in 8 bytes; the time of writing, in milliseconds since 1970, as a
 * 64-bit float; any number of parts, each after its length in 32 bits and none of length 0, with swarms as `writeSwarm()`
 * describes; a length of 0; the SHA-256 of all that. Numbers have their most significant byte first.
 *
 * It is written beside the old one, which it replaces in one step: at any time, one of them is there and complete.
 */
export class SwarmSnapshot {
  readonly #options: SwarmSnapshotOptions;
  /** The save that is under way; calls wait for each other. */
  #saving: Promise<unknown> = Promise.resolve();

  constructor(options: SwarmSnapshotOptions) {
    this.#options = options;
  }

  /**
   * Saves the swarms, in slices between which announces are answered.
   *
   * @returns the number of bytes that were written
   * @throws the error of the file system; then the snapshot before is still there, and no part of this one
   */
  save(): Promise<number> {
    // The caller of the save before hears of its failure.
    const saved = this.#saving.then(
      () => this.#save(),
      () => this.#save(),
    );
    this.#saving = saved;
    return saved;
  }

  /**
   * Fills the store with the saved swarms, without the peers whose time is up. Does nothing when there is no file.
   *
   * @throws {SnapshotError} when the file is no snapshot or damaged: nothing was taken from it
   */
  async load(): Promise<void> {
    const { store, clock, wallTime } = this.#options;
    const bytes = await this.#read();
    if (bytes === undefined) return;
    const elapsed = Math.max(0, wallTime() - bytes.readDoubleBE(MAGIC.length));
    let at = HEAD_BYTES;
    for (let length = bytes.readUInt32BE(at); length > 0; length = bytes.readUInt32BE(at)) {
      const start = at + LENGTH_BYTES;
      store.restore(bytes.subarray(start, start + length), elapsed, clock.now());
      at = start + length;
      await setImmediate();
    }
  }

  async #save(): Promise<number> {
    const { path } = this.#options;
    const temporary = `${path}.tmp`;
    const bytes = await this.#writeTo(temporary).catch(async (thrown: unknown) => {
      // On a full disk, the catalog needs the room more.
      await rm(temporary, { force: true });
      throw thrown;
    });
    await requireReplaceable('save the swarms in', path);
    await rename(temporary, path);
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return bytes;
  }

  /** @returns the number of bytes of the file */
  async #writeTo(path: string): Promise<number> {
    const file = await openAnew(path, 0o600);
    try {
      const bytes = await this.#write(file);
      await file.sync();
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** @returns the number of bytes that were written */
  async #write(file: FileHandle): Promise<number> {
    const { store, clock, wallTime } = this.#options;
    const hash = createHash('sha256');
    let written = DIGEST_BYTES;
    const write = async (bytes: Buffer): Promise<void> => {
      written += bytes.length;
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
        const slice = bytes.subarray(at, at + SLICE_BYTES);
        hash.update(slice);
        await file.writeFile(slice);
      }
    };
    const writtenAt = Buffer.alloc(8);
    writtenAt.writeDoubleBE(wallTime());
    await write(Buffer.concat([MAGIC, writtenAt]));
    for (const part of store.save(clock)) {
      await write(uint32(part.length));
      await write(part);
    }
    await write(uint32(0));
    await file.writeFile(hash.digest());
    return written;
  }

  /** @returns the whole file, checked; `undefined` when there is none */
  async #read(): Promise<Buffer | undefined> {
    const { path } = this.#options;
    const bytes = await readIfThere(path);
    if (bytes === undefined) return undefined;
    const end = bytes.length - DIGEST_BYTES;
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw new SnapshotError(
        'BAD_SNAPSHOT',
        `Cannot read ${path}: it holds no swarms that this version wrote`,
      );
    }
    const digest = createHash('sha256')
      .update(bytes.subarray(0, Math.max(0, end)))
      .digest();
    if (end < HEAD_BYTES + LENGTH_BYTES || !bytes.subarray(end).equals(digest)) {
      throw new SnapshotError(
        'BAD_SNAPSHOT',
        `Cannot read ${path}: it is damaged; the tracker starts without`,
      );
    }
    return bytes;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeUInt32BE(value);
  return bytes;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readInput(path, MAX_SNAPSHOT_BYTES);
    if (bytes.length <= MAX_SNAPSHOT_BYTES) return bytes;
    throw new SnapshotError(
      'BAD_SNAPSHOT',
      `Cannot read ${path}: it may have ${MAX_SNAPSHOT_BYTES} bytes, and has more`,
    );
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}
