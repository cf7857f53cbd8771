import { relative } from 'node:path';
import { fileStateOf } from '../hashing/index.ts';
import { dataLengthAt, expectedPieceHash, type Metainfo, Pads } from '../metainfo/index.ts';
import type { Completion } from '../session/index.ts';
import {
  discardRepair,
  FileStorage,
  finishRepair,
  prepareRepair,
  type Repair,
  StorageError,
  settleEntries,
  versionsOf,
} from '../storage/index.ts';
import { Bitfield, closeAll } from '../util/index.ts';
import { bytesOf } from './bytes-of.ts';
import { checkFiles } from './check-files.ts';
import { checkPieces } from './check-pieces.ts';
import type { LockedPart, OpenPart, Watch, WrongFile } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { describeFaults, IN_THE_WAY, type Inspection, inspectOutput } from './inspect-output.ts';
import { openReuse } from './open-reuse.ts';
import type { PlannedOutput } from './output.ts';
import { paced } from './paced.ts';
import { padPieces } from './pad-pieces.ts';
import { storePieces } from './piece-store.ts';
import { progressOf } from './progress-of.ts';
import type { Reuse } from './reuse.ts';

/**
 * An output that is there and is mended. Only verified bytes are written to its files, in place where that can be done, so
 * that it is no worse than before at any moment. The files that must be made anew are made beside it, and each takes its
 * place in one step. Everything that is right stays as it is, and so does everything that is not of the torrent.
 */
export class RepairedOutput implements LockedPart {
  readonly release: () => Promise<void>;
  readonly #candidate: TorrentCandidate;
  readonly #planned: PlannedOutput;
  readonly #reuse: readonly string[];
  readonly #tools: DiskTools;
  #inspection: Inspection;
  #repair: Repair | undefined;

  /**
   * @param inspection of the output before it was locked
   * @param reuse the files and folders whose bytes are reused
   */
  constructor(
    candidate: TorrentCandidate,
    planned: PlannedOutput,
    inspection: Inspection,
    reuse: readonly string[],
    tools: DiskTools,
    release: () => Promise<void>,
  ) {
    this.#candidate = candidate;
    this.#planned = planned;
    this.#inspection = inspection;
    this.#reuse = reuse;
    this.#tools = tools;
    this.release = release;
  }

  async open(watch: Watch): Promise<OpenPart> {
    const { part, delivered, beside } = this.#planned;
    // Another process may have repaired it, or changed it, before it was locked.
    const before = this.#inspection;
    const tools = { ...this.#tools, ...watch };
    if (await this.#hasChanged(before)) {
      this.#inspection = await inspectOutput(this.#candidate, this.#planned, tools, { readsAll: true });
      requireRepairable(this.#inspection, this.#planned);
    }
    const content = wrongFilesOf(this.#candidate.metainfo, this.#inspection);
    const modes = new Set(
      this.#inspection.faults.flatMap(({ of, index, fault }) =>
        of === 'files' && fault === 'mode' ? [index] : [],
      ),
    );
    const repair = await prepareRepair(
      part,
      delivered,
      beside,
      { content, modes },
      tools.pool.files,
      watch.signal,
    );
    this.#repair = repair;
    const { files, whole } = repair;
    const storage = new FileStorage({
      files,
      whole,
      mode: 'write',
      openFiles: tools.openFiles,
      many: tools.pool.files,
    });
    try {
      const have = await this.#takeStock(repair, storage, watch);
      const opened = new OpenRepair(this.#candidate, repair, storage, have, this.#tools);
      await opened.takePieces(await openReuse(this.#candidate, part, { ...tools, reuse: this.#reuse }));
      return opened;
    } catch (thrown) {
      await storage.close();
      throw thrown;
    }
  }

  async deliver({ signal }: Watch): Promise<readonly string[]> {
    const { part, delivered, hasModes, unsafeLinks } = this.#planned;
    await finishRepair(this.#repair!, delivered, signal);
    const lost = await settleEntries(delivered, part.output, {
      modes: hasModes && !part.isFile,
      many: this.#tools.pool.files,
      signal,
    });
    await discardRepair(part);
    return [...unsafeLinks, ...lost.map(({ path }) => relative(part.output, path))];
  }

  async #hasChanged({ pieces }: Inspection): Promise<boolean> {
    const { files } = pieces!;
    const versions = await versionsOf(
      files.map(({ diskPath }) => diskPath),
      this.#tools.pool.files,
    );
    return files.some(({ version }, index) => version !== versions[index]);
  }

  /** Finds the pieces that are there. The files that are made anew may have pieces from an earlier repair. */
  async #takeStock(
    { anew, files }: Repair,
    storage: FileStorage,
    { signal, tell }: Watch,
  ): Promise<Bitfield> {
    const { metainfo } = this.#candidate;
    const { pool, clock } = this.#tools;
    const have = this.#inspection.pieces!.good.clone();
    const doubtful = new Bitfield(metainfo.pieceCount);
    for (const index of anew) {
      const { offset, length } = files[index]!;
      const { pieceLength } = metainfo;
      for (let piece = Math.floor(offset / pieceLength); piece * pieceLength < offset + length; piece += 1) {
        have.delete(piece);
        doubtful.add(piece);
      }
    }
    for (const index of await padPieces(metainfo, pool)) have.add(index);
    const total = bytesOf(metainfo, doubtful);
    await checkPieces(metainfo, doubtful, (index) => have.add(index), {
      storage,
      threads: pool.threads,
      isRight: (index, bytes) => pool.checkPiece(bytes, expectedPieceHash(metainfo, index)),
      signal,
      onProgress: paced(clock, (done) => tell(progressOf('checking', this.#candidate, done, total))),
    });
    return have;
  }
}

/** The files of an output that is mended, while they are written. */
class OpenRepair implements OpenPart {
  readonly storage: FileStorage;
  readonly completion: Completion;
  #reused = 0;
  readonly #candidate: TorrentCandidate;
  readonly #repair: Repair;
  readonly #tools: DiskTools;

  constructor(
    candidate: TorrentCandidate,
    repair: Repair,
    storage: FileStorage,
    have: Bitfield,
    tools: DiskTools,
  ) {
    this.#candidate = candidate;
    this.#repair = repair;
    this.#tools = tools;
    this.storage = storage;
    this.completion = { have, storePiece: storePieces(candidate.metainfo, storage, tools.pool) };
  }

  get reused(): number {
    return this.#reused;
  }

  /** Takes pieces from other files on this disk. @throws what `Reuse.takePieces()` does */
  async takePieces(reuse: Reuse | undefined): Promise<void> {
    const { metainfo } = this.#candidate;
    const onStored = (index: number) => {
      this.#reused += dataLengthAt(metainfo, Pads.of(metainfo), index);
    };
    await reuse?.takePieces({ ...this.completion, onStored });
  }

  /** Does nothing: a later repair checks all pieces by their hashes. */
  pieceLanded(): void {}

  /** Does nothing: every wrong file is downloaded by itself. */
  async copyTwins(): Promise<void> {}

  checkWhole(watch: Watch): Promise<readonly WrongFile[]> {
    const { files, whole } = this.#repair;
    const written = [...files.keys()].filter((index) => !whole.has(index));
    return checkFiles(this.#candidate, files, { ...this.#tools, ...watch }, written);
  }

  forget(): void {}

  async close(isUseless: boolean): Promise<void> {
    const { part, anew } = this.#repair;
    await closeAll([
      { name: part.output, close: () => this.storage.close() },
      {
        name: part.repairPath,
        close: () => (isUseless && anew.size > 0 ? discardRepair(part) : undefined),
      },
    ]);
  }
}

/** Refuses an output in which things of another kind have the places of entries, or that cannot be read. @throws {StorageError} NOT_WRITABLE */
export function requireRepairable({ faults }: Inspection, { part }: PlannedOutput): void {
  const inTheWay = faults.filter(({ fault }) => IN_THE_WAY.has(fault));
  if (inTheWay.length === 0) return;
  const hasOthers = inTheWay.some(({ fault }) => fault === 'kind');
  const what = hasOthers
    ? 'things of another kind than in the torrent are in the way'
    : 'this user may not read all of it';
  const todo = hasOthers ? 'Move them away' : 'Change their modes, or those of their folders';
  throw new StorageError('NOT_WRITABLE', part.output, {
    action: 'repair',
    reason: `${what}: ${describeFaults(inTheWay, part.output)}. ${todo}`,
  });
}

/** Lists the files that are missing or have other bytes: those with a fault, and those in a piece that nobody can vouch for. */
function wrongFilesOf(metainfo: Metainfo, { faults, pieces }: Inspection): Set<number> {
  const wrong = new Set<number>();
  for (const { of, index, fault } of faults) if (of === 'files' && fault !== 'mode') wrong.add(index);
  for (const [index, file] of metainfo.files.entries()) {
    if (file.sha256 === undefined && fileStateOf(metainfo, pieces!, index) !== 'ok') wrong.add(index);
  }
  return wrong;
}
