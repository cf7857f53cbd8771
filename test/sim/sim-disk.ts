import { createHash } from 'node:crypto';
import type { Disk, LockedPart, OpenPart, OutputPlace, Watch, WrongFile } from '../../src/client/disk.ts';
import type { TorrentCandidate } from '../../src/client/find.ts';
import type { GetOptions } from '../../src/client/get-options.ts';
import { pieceLengthAt } from '../../src/metainfo/index.ts';
import { type Storage, StorageError } from '../../src/storage/index.ts';
import { Bitfield, type Clock } from '../../src/util/index.ts';
import { MemoryStorage } from '../support/index.ts';
import { SimStorage } from './sim-storage.ts';
import { makeTrees, storePieceIn } from './sim-torrent.ts';

/** The bytes that a try left of an unfinished output, and the pieces of it that are good. */
interface Leftover {
  readonly memory: MemoryStorage;
  readonly have: Bitfield;
}

/** The file that is downloaded. */
type Wanted = Pick<TorrentCandidate, 'metainfo' | 'sha256'>;

/** A disk in memory that takes outputs of one file, and can be slow or hang. */
export class SimDisk implements Disk {
  readonly makeTrees = makeTrees;
  /** The files that were delivered, and those that were there before. */
  readonly files = new Map<string, Uint8Array>();
  /** The unfinished outputs, by the path that each will have. */
  readonly parts = new Map<string, Leftover>();
  readonly clock: Clock;
  /** Milliseconds that each read, write and look at a whole file takes. */
  delayMs = 0;
  /** Whether nothing that is asked of it ever ends. */
  hangs = false;
  /** The outputs that somebody writes. */
  readonly locked = new Set<string>();

  readonly #versions = new WeakMap<Uint8Array, string>();
  #nextVersion = 1;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async plan(
    { metainfo, sha256 }: TorrentCandidate,
    { output = metainfo.name, replace = false, reuse = [] }: Pick<GetOptions, 'output' | 'replace' | 'reuse'>,
  ): Promise<OutputPlace> {
    const isNamed = output !== metainfo.name;
    return {
      path: output,
      renamed: [],
      look: async () => {
        await this.pause();
        const found = this.files.get(output);
        const isWhole =
          found?.length === metainfo.length && (sha256 === undefined || sha256Of(found) === sha256);
        if (found === undefined || isWhole || isNamed || replace) {
          return { isWhole, extra: [], removed: [], notKept: [], faults: 0 };
        }
        throw new StorageError('NOT_WRITABLE', output, { action: 'download to', reason: 'a file is there' });
      },
      tidy: async () => {},
      lock: async () => this.#lock(output, { metainfo, sha256 }, [...reuse, output]),
      versions: async () => [this.#versionOf(output)],
      openWhole: ([version]) => this.#openWhole(output, metainfo, version!),
      nameIn: (thrown) => thrown,
    };
  }

  async close(): Promise<void> {}

  /** Waits as long as a look at the disk takes. */
  async pause(): Promise<void> {
    if (this.hangs) await new Promise<never>(() => {});
    if (this.delayMs > 0) await new Promise<void>((done) => this.clock.setTimer(this.delayMs, done));
  }

  /** Tells which bytes a file has: other ones after it was replaced. */
  #versionOf(path: string): string {
    const bytes = this.files.get(path);
    if (bytes === undefined) return '';
    const known = this.#versions.get(bytes) ?? String(this.#nextVersion++);
    this.#versions.set(bytes, known);
    return known;
  }

  #openWhole(path: string, metainfo: TorrentCandidate['metainfo'], version: string): Storage {
    const memory = new MemoryStorage(metainfo.files);
    memory.contentOf(0).set(this.files.get(path) ?? []);
    const storage = new SimStorage(memory, this.clock);
    storage.delayMs = this.delayMs;
    const read: Storage['read'] = async (offset, ...into) => {
      if (this.hangs) await this.pause();
      await storage.read(offset, ...into);
      if (this.#versionOf(path) === version) return;
      throw new StorageError('CHANGED', path, { action: 'read', reason: 'it has changed' });
    };
    return {
      read,
      write: (offset, data) => storage.write(offset, data),
      sync: () => storage.sync(),
      close: () => storage.close(),
    };
  }

  /** @param reuse the files whose pieces are taken */
  #lock(path: string, wanted: Wanted, reuse: readonly string[]): LockedPart {
    if (this.locked.has(path)) {
      throw new StorageError('IN_USE', path, { action: 'lock', reason: 'another one downloads to it' });
    }
    this.locked.add(path);
    return {
      open: async () => {
        const part = new SimPart(this, path, wanted);
        for (const name of reuse) await part.takePieces(this.files.get(name));
        return part;
      },
      deliver: async () => {
        await this.pause();
        this.files.set(path, this.parts.get(path)!.memory.contentOf(0));
        this.parts.delete(path);
        return [];
      },
      release: async () => {
        this.locked.delete(path);
      },
    };
  }
}

/** An unfinished output on a {@link SimDisk}. */
class SimPart implements OpenPart {
  readonly storage: SimStorage;
  readonly completion: OpenPart['completion'];
  reused = 0;
  readonly #metainfo: TorrentCandidate['metainfo'];
  readonly #disk: SimDisk;
  readonly #path: string;
  readonly #sha256: string | undefined;
  readonly #leftover: Leftover;

  constructor(disk: SimDisk, path: string, { metainfo, sha256 }: Wanted) {
    this.#disk = disk;
    this.#metainfo = metainfo;
    this.#path = path;
    this.#sha256 = sha256;
    const earlier = disk.parts.get(path);
    const have = earlier?.have.clone() ?? new Bitfield(metainfo.pieceCount);
    const memory = new MemoryStorage(metainfo.files);
    if (earlier !== undefined) memory.contentOf(0).set(earlier.memory.contentOf(0));
    this.#leftover = { memory, have };
    disk.parts.set(path, this.#leftover);
    this.storage = new SimStorage(memory, disk.clock);
    this.storage.delayMs = disk.delayMs;
    this.completion = { have, storePiece: storePieceIn(this.storage, metainfo, () => disk.pause()) };
  }

  /** Takes the pieces that a file has, at the same offsets. @param file `undefined` when there is none */
  async takePieces(file: Uint8Array | undefined): Promise<void> {
    const { have, storePiece } = this.completion;
    for (let index = 0; index < have.length; index += 1) {
      const length = pieceLengthAt(this.#metainfo, index);
      const start = index * this.#metainfo.pieceLength;
      if (have.has(index) || file === undefined || file.length < start + length) continue;
      const bytes = new Uint8Array(new SharedArrayBuffer(length));
      bytes.set(file.subarray(start, start + length));
      if (!(await storePiece(index, bytes))) continue;
      have.add(index);
      this.reused += length;
    }
  }

  pieceLanded(): void {}

  async copyTwins(): Promise<void> {}

  async checkWhole({ signal }: Watch): Promise<WrongFile[]> {
    if (this.#sha256 === undefined) return [];
    await this.#disk.pause();
    signal.throwIfAborted();
    const found = sha256Of(this.#leftover.memory.contentOf(0));
    return found === this.#sha256 ? [] : [{ path: this.#path, found, expected: this.#sha256 }];
  }

  forget(): void {}

  async close(isUseless: boolean): Promise<void> {
    await this.storage.close();
    if (isUseless) this.#disk.parts.delete(this.#path);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
