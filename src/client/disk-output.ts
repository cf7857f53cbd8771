import { relative } from 'node:path';
import {
  deliverPart,
  discardRepair,
  FileStorage,
  finishDelivery,
  hasRepair,
  hasReplaced,
  lockPart,
  lookAtEntries,
  recoverReplaced,
  removeStaleLock,
  replaceFolder,
  type Storage,
  StorageError,
  settleEntries,
  versionsOf,
} from '../storage/index.ts';
import { toError } from '../util/index.ts';
import type { FoundOutput, LockedPart, OutputPlace, Watch } from './disk.ts';
import { OpenDiskPart } from './disk-part.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';
import type { RenamedFile } from './get-options.ts';
import { countFaulty, damagedOutput, type Inspection, inspectOutput } from './inspect-output.ts';
import { isListingInPlaceOfFolder } from './listing-file.ts';
import { nameOutput } from './name-output.ts';
import type { PlannedOutput } from './output.ts';
import { RepairedOutput, requireRepairable } from './repaired-output.ts';

/** An output on the disk of this machine. */
export class DiskOutput implements OutputPlace {
  readonly #candidate: TorrentCandidate;
  readonly #planned: PlannedOutput;
  readonly #given: string;
  readonly #reuse: readonly string[];
  readonly #tools: DiskTools;
  /** The faults of the output that is there, if they are to be repaired. */
  #toRepair: Inspection | undefined;

  /**
   * @param given the output as the user gave it, or the torrent's name
   * @param reuse the files and folders that the user gave to be reused
   */
  constructor(
    candidate: TorrentCandidate,
    planned: PlannedOutput,
    given: string,
    reuse: readonly string[],
    tools: DiskTools,
  ) {
    this.#candidate = candidate;
    this.#planned = planned;
    this.#given = given;
    // The file or folder that is replaced is an earlier version, or was damaged, so that parts of it may be right.
    const isReplaced = planned.found === 'file' || planned.replaces !== undefined;
    this.#reuse = isReplaced ? [...reuse, planned.part.output] : reuse;
    this.#tools = tools;
  }

  get path(): string {
    return this.#planned.part.output;
  }

  get renamed(): readonly RenamedFile[] {
    return this.#planned.renamed;
  }

  async look(watch: Watch): Promise<FoundOutput> {
    const { found, mayReplace, mayRepair, replaces, part } = this.#planned;
    if (found === 'nothing') return { isWhole: false, extra: [], removed: [], notKept: [], faults: 0 };
    const tools = { ...this.#tools, ...watch };
    const inspection = await inspectOutput(this.#candidate, this.#planned, tools, { readsAll: mayRepair });
    const isWhole = inspection.faults.length === 0;
    if (isWhole) await this.#refuseListing();
    if (!isWhole) {
      if (mayRepair) {
        requireRepairable(inspection, this.#planned);
        this.#toRepair = inspection;
      } else if (part.isFile ? !mayReplace : replaces === undefined) {
        throw damagedOutput(inspection, this.#planned);
      }
    }
    const { extra, notKept, faults } = inspection;
    // A folder that is replaced as a whole keeps nothing.
    const isKept = isWhole || mayRepair;
    return {
      isWhole,
      extra: isKept ? extra : [],
      removed: isKept ? [] : extra,
      notKept,
      faults: countFaulty(faults),
    };
  }

  /** Refuses a file that is the listing of the folder that was asked for. @throws {GetError} MISMATCH */
  async #refuseListing(): Promise<void> {
    const { files } = this.#planned.delivered;
    const storage = new FileStorage({ files, mode: 'read', openFiles: this.#tools.openFiles });
    try {
      const { infoHash, name } = this.#candidate.metainfo;
      const isListing = await isListingInPlaceOfFolder(this.#candidate, (at, into) => storage.read(at, into));
      if (!isListing) return;
      const what = `What torrent ${infoHash} holds as ${name} is the listing of a folder, not the folder`;
      throw new GetError('MISMATCH', what);
    } finally {
      await storage.close();
    }
  }

  async tidy(): Promise<void> {
    const { part } = this.#planned;
    await finishDelivery(part);
    // The output is whole even if this fails, for example because the folder is not writable.
    await this.#removeLeft().catch((thrown: unknown) => this.#tools.report(toError(thrown), 'tidy up'));
  }

  /** Removes what a process that was killed at its very end has left. */
  async #removeLeft(): Promise<void> {
    const { part } = this.#planned;
    await removeStaleLock(part);
    if (!(await hasRepair(part)) && !(await hasReplaced(part))) return;
    const lock = await lockPart(part, this.#tools);
    try {
      await discardRepair(part);
      const failure = await recoverReplaced(part);
      if (failure !== undefined) throw failure;
    } finally {
      await lock.release();
    }
  }

  async lock(): Promise<LockedPart> {
    const { part } = this.#planned;
    const lock = await lockPart(part, this.#tools);
    const release = () => lock.release();
    if (this.#toRepair !== undefined) {
      return new RepairedOutput(
        this.#candidate,
        this.#planned,
        this.#toRepair,
        this.#reuse,
        this.#tools,
        release,
      );
    }
    return {
      open: (watch, onFailed) =>
        OpenDiskPart.open(this.#candidate, part, {
          ...this.#tools,
          ...watch,
          reuse: this.#reuse,
          onFailed,
        }),
      deliver: (watch) => this.#deliver(watch),
      release,
    };
  }

  versions(): Promise<readonly string[]> {
    return versionsOf(
      this.#planned.delivered.files.map(({ path }) => path),
      this.#tools.pool.files,
    );
  }

  openWhole(versions: readonly string[]): Storage {
    const { openFiles } = this.#tools;
    return new FileStorage({ ...this.#planned.delivered, versions, mode: 'read', openFiles });
  }

  nameIn(thrown: unknown): unknown {
    return nameOutput(thrown, this.#given, this.#planned.part);
  }

  async #deliver({ signal }: Watch): Promise<readonly string[]> {
    const { part, mayReplace, replaces, hasModes, unsafeLinks } = this.#planned;
    const options = { modes: hasModes, many: this.#tools.pool.files, signal };
    const lost = await settleEntries(part, part.path, options);
    const lostPaths = new Set(lost.map(({ path }) => path));
    const faulty = await lookAtEntries(part, part.path, options);
    const changed = faulty.find(({ path }) => !lostPaths.has(path));
    if (changed !== undefined) {
      const reason = 'it is not as it was written: something else has changed it';
      throw new StorageError('CHANGED', changed.path, { action: 'deliver', reason });
    }
    signal.throwIfAborted();
    if (replaces === undefined) await deliverPart(part, { mayReplace });
    else {
      const failure = await replaceFolder(part);
      if (failure !== undefined) this.#tools.report(failure, 'remove the folder that was replaced');
    }
    return [...unsafeLinks, ...[...lostPaths].map((path) => relative(part.path, path))];
  }
}
