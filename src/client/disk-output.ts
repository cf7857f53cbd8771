import { stat } from 'node:fs/promises';
import {
  deliveredFiles,
  deliverPart,
  FileStorage,
  finishDelivery,
  lockPart,
  removeStaleLock,
  type Storage,
  type StoredFile,
} from '../storage/index.ts';
import { fileVersion, fsPath, toError } from '../util/index.ts';
import type { LockedPart, OutputPlace, Watch } from './disk.ts';
import { OpenDiskPart } from './disk-part.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import type { RenamedFile } from './get-options.ts';
import { nameOutput } from './name-output.ts';
import type { PlannedOutput } from './output.ts';
import { isThereAlready } from './there-already.ts';

/** An output on the disk of this machine. */
export class DiskOutput implements OutputPlace {
  readonly #candidate: TorrentCandidate;
  readonly #planned: PlannedOutput;
  readonly #given: string;
  readonly #reuse: readonly string[];
  readonly #tools: DiskTools;

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
    // The file that is replaced is an earlier version, or was damaged.
    this.#reuse = planned.found === 'file' ? [...reuse, planned.part.output] : reuse;
    this.#tools = tools;
  }

  get path(): string {
    return this.#planned.part.output;
  }

  get renamed(): readonly RenamedFile[] {
    return this.#planned.renamed;
  }

  isThere(watch: Watch): Promise<boolean> {
    return isThereAlready(this.#candidate, this.#planned, { ...this.#tools, ...watch });
  }

  async tidy(): Promise<void> {
    const { part } = this.#planned;
    await finishDelivery(part);
    // The output is whole even if this fails, for example because the folder is not writable.
    await removeStaleLock(part).catch((thrown: unknown) => this.#tools.report(toError(thrown), 'tidy up'));
  }

  async lock(): Promise<LockedPart> {
    const { part, mayReplace } = this.#planned;
    const lock = await lockPart(part, this.#tools);
    return {
      open: (watch, onFailed) =>
        OpenDiskPart.open(this.#candidate, part, {
          ...this.#tools,
          ...watch,
          reuse: this.#reuse,
          onFailed,
        }),
      deliver: () => deliverPart(part, { mayReplace }),
      release: () => lock.release(),
    };
  }

  versions(): Promise<readonly string[]> {
    const look = async ({ path }: StoredFile) =>
      stat(fsPath(path), { bigint: true }).then(fileVersion, () => '');
    return Promise.all(deliveredFiles(this.#planned.part).map(look));
  }

  openWhole(versions: readonly string[]): Storage {
    const { openFiles } = this.#tools;
    return new FileStorage({ files: deliveredFiles(this.#planned.part), versions, mode: 'read', openFiles });
  }

  nameIn(thrown: unknown): unknown {
    return nameOutput(thrown, this.#given, this.#planned.part);
  }
}
