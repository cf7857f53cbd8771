import { dataLengthAt, expectedPieceHash, Pads } from '../metainfo/index.ts';
import type { Completion } from '../session/index.ts';
import {
  discardPart,
  FileStorage,
  type Part,
  preparePart,
  ResumeKeeper,
  readPartState,
  type Storage,
} from '../storage/index.ts';
import { type Bitfield, closeAll } from '../util/index.ts';
import { bytesOf } from './bytes-of.ts';
import { checkFiles } from './check-files.ts';
import { checkPieces } from './check-pieces.ts';
import type { OpenPart, Watch, WrongFile } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { openReuse } from './open-reuse.ts';
import { paced } from './paced.ts';
import { padPieces } from './pad-pieces.ts';
import { storePieces } from './piece-store.ts';
import { progressOf } from './progress-of.ts';
import type { Reuse } from './reuse.ts';
import { Twins } from './twins.ts';

interface OpenOptions extends DiskTools, Watch {
  /** The files and folders whose bytes are reused. */
  readonly reuse: readonly string[];
  readonly onFailed: (error: Error) => void;
}

/** A part on the disk of this machine, in which it is saved now and then which pieces are there. */
export class OpenDiskPart implements OpenPart {
  readonly storage: Storage;
  readonly #completion: Completion;
  readonly #twins: Twins;
  #wanted: Bitfield | undefined;
  readonly #candidate: TorrentCandidate;
  readonly #part: Part;
  readonly #tools: DiskTools;
  readonly #keeper: ResumeKeeper;
  #reused = 0;

  private constructor(
    candidate: TorrentCandidate,
    part: Part,
    storage: FileStorage,
    have: Bitfield,
    options: OpenOptions,
  ) {
    const { metainfo: torrent } = candidate;
    this.#candidate = candidate;
    this.#part = part;
    this.#tools = options;
    this.storage = storage;
    this.#twins = Twins.in(torrent);
    this.#completion = { have, storePiece: storePieces(torrent, storage, options.pool) };
    this.#keeper = new ResumeKeeper({ ...options, many: options.pool.files, part, torrent, have, storage });
  }

  /** @throws what `LockedPart.open()` does */
  static async open(candidate: TorrentCandidate, part: Part, options: OpenOptions): Promise<OpenDiskPart> {
    const { openFiles, pool } = options;
    const storage = new FileStorage({ files: part.files, mode: 'write', openFiles, many: pool.files });
    const reuse = await openReuse(candidate, part, options);
    const { have, reused } = await takeStock(candidate, part, storage, reuse, options);
    const opened = new OpenDiskPart(candidate, part, storage, have, options);
    opened.#reused = reused;
    await opened.#takePieces(reuse, options);
    return opened;
  }

  get completion(): Completion {
    return { ...this.#completion, wanted: this.#wanted };
  }

  get reused(): number {
    return this.#reused;
  }

  pieceLanded(index: number): void {
    this.#keeper.pieceLanded(index);
  }

  checkWhole(watch: Watch): Promise<readonly WrongFile[]> {
    return checkFiles(this.#candidate, this.#part.files, { ...this.#tools, ...watch });
  }

  forget(): void {
    this.#keeper.forget();
  }

  async copyTwins({ signal, tell }: Watch): Promise<void> {
    tell(progressOf('reusing', this.#candidate, 0));
    await this.#copyTwins(signal);
    this.#wanted = undefined;
  }

  #copyTwins(signal: AbortSignal): Promise<void> {
    const { files } = this.#part;
    const onStored = (index: number) => this.#pieceTaken(index);
    return this.#twins.copy({ ...this.#completion, ...this.#tools, files, signal, onStored });
  }

  #pieceTaken(index: number): void {
    const { metainfo } = this.#candidate;
    this.#reused += dataLengthAt(metainfo, Pads.of(metainfo), index);
    this.#keeper.pieceLanded(index);
  }

  /** Takes pieces from files that are on this disk. If that fails, the part is closed, with the pieces that it has. */
  async #takePieces(reuse: Reuse | undefined, { signal }: Watch): Promise<void> {
    const { have, storePiece } = this.#completion;
    try {
      await reuse?.takePieces({ have, storePiece, onStored: (index) => this.#pieceTaken(index) });
      await this.#copyTwins(signal);
    } catch (thrown) {
      await this.close(bytesOf(this.#candidate.metainfo, have) === 0);
      throw thrown;
    }
    this.#wanted = this.#twins.wanted(have);
  }

  async close(isUseless: boolean): Promise<void> {
    const { path, resumePath } = this.#part;
    await closeAll([
      { name: resumePath, close: () => this.#keeper.close() },
      { name: path, close: () => this.storage.close() },
      {
        name: `${path}, which holds no good piece,`,
        close: () => (isUseless ? discardPart(this.#part) : undefined),
      },
    ]);
  }
}

/** Finds the pieces that are there already, and prepares the part for the others. */
async function takeStock(
  candidate: TorrentCandidate,
  part: Part,
  storage: Storage,
  reuse: Reuse | undefined,
  { pool, preallocation, clock, signal, tell }: OpenOptions,
): Promise<{ readonly have: Bitfield; readonly reused: number }> {
  const { metainfo } = candidate;
  const known = await padPieces(metainfo, pool);
  const before = await readPartState(part, metainfo, pool.files, signal);
  let after = before;
  try {
    if ((await reuse?.cloneFiles(before)) === true)
      after = await readPartState(part, metainfo, pool.files, signal);
    await preparePart(part, after.found, {
      preallocation,
      many: pool.files,
      signal,
      onProgress: paced(clock, (done) => tell(progressOf('allocating', candidate, done))),
    });
  } catch (thrown) {
    if (before.found.every((file) => file === undefined)) await discardPart(part);
    throw thrown;
  }
  const { good, doubtful } = after;
  for (const index of known) good.add(index);
  const pads = Pads.of(metainfo);
  let reused = 0;
  const onGood = (index: number) => {
    good.add(index);
    if (!before.doubtful.has(index)) reused += dataLengthAt(metainfo, pads, index);
  };
  const total = bytesOf(metainfo, doubtful);
  try {
    await checkPieces(metainfo, doubtful, onGood, {
      storage,
      threads: pool.threads,
      isRight: (index, bytes) => pool.checkPiece(bytes, expectedPieceHash(metainfo, index)),
      signal,
      onProgress: paced(clock, (done) => tell(progressOf('checking', candidate, done, total))),
    });
  } catch (thrown) {
    await storage.close();
    throw thrown;
  }
  return { have: good, reused };
}
