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
import { checkPieces } from './check-pieces.ts';
import type { OpenPart, Watch } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { paced } from './paced.ts';
import { padPieces } from './pad-pieces.ts';
import { storePieces } from './piece-store.ts';
import { progressOf } from './progress-of.ts';

interface OpenOptions extends DiskTools, Watch {
  readonly onFailed: (error: Error) => void;
}

/** A part on the disk of this machine, in which it is saved now and then which pieces are there. */
export class OpenDiskPart implements OpenPart {
  readonly storage: Storage;
  readonly completion: Completion;
  readonly #candidate: TorrentCandidate;
  readonly #part: Part;
  readonly #tools: DiskTools;
  readonly #keeper: ResumeKeeper;

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
    this.completion = { have, storePiece: storePieces(torrent, storage, options.pool) };
    this.#keeper = new ResumeKeeper({ ...options, part, torrent, have, storage });
  }

  /** @throws what `LockedPart.open()` does */
  static async open(candidate: TorrentCandidate, part: Part, options: OpenOptions): Promise<OpenDiskPart> {
    const storage = new FileStorage({ files: part.files, mode: 'write', openFiles: options.openFiles });
    const have = await takeStock(candidate, part, storage, options);
    return new OpenDiskPart(candidate, part, storage, have, options);
  }

  pieceLanded(index: number): void {
    this.#keeper.pieceLanded(index);
  }

  sha256({ signal, tell }: Watch): Promise<string> {
    const { pool, clock } = this.#tools;
    return pool.sha256File(this.#part.path, {
      signal,
      onProgress: paced(clock, (done) => tell(progressOf('verifying', this.#candidate, done))),
    });
  }

  forget(): void {
    this.#keeper.forget();
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
  { pool, preallocation, clock, signal, tell }: OpenOptions,
): Promise<Bitfield> {
  const { metainfo } = candidate;
  const known = await padPieces(metainfo, pool);
  const { found, good, doubtful } = await readPartState(part, metainfo, signal);
  for (const index of known) good.add(index);
  await preparePart(part, found, {
    preallocation,
    signal,
    onProgress: paced(clock, (done) => tell(progressOf('allocating', candidate, done))),
  });
  if (doubtful.isEmpty) return good;
  const total = bytesOf(metainfo, doubtful);
  try {
    await checkPieces(metainfo, doubtful, (index) => good.add(index), {
      storage,
      pool,
      signal,
      onProgress: paced(clock, (done) => tell(progressOf('checking', candidate, done, total))),
    });
  } catch (thrown) {
    await storage.close();
    throw thrown;
  }
  return good;
}
