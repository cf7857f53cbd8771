import { createHashPool } from '../hashing/index.ts';
import type { MakeTrees } from '../session/index.ts';
import { hasReplaced, lockPart, OpenFiles, type Part, recoverReplaced } from '../storage/index.ts';
import type { Disk, DiskOptions, Watch } from './disk.ts';
import { DiskOutput } from './disk-output.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import type { GetOptions } from './get-options.ts';
import { requireReusable } from './local-files.ts';
import { nameOutput } from './name-output.ts';
import { planOutput } from './output.ts';

/** The disk of this machine, and threads that hash. One is started at once, while the tracker and the first peer answer. */
export class SystemDisk implements Disk {
  readonly #tools: DiskTools;

  constructor(options: DiskOptions) {
    this.#tools = { ...options, pool: createHashPool(), openFiles: new OpenFiles(options) };
    this.#tools.pool.start();
  }

  get makeTrees(): MakeTrees {
    return this.#tools.pool;
  }

  async plan(
    candidate: TorrentCandidate,
    options: Pick<GetOptions, 'output' | 'replace' | 'repair' | 'reuse'>,
    { signal }: Watch,
  ): Promise<DiskOutput> {
    const { metainfo } = candidate;
    const given = options.output ?? metainfo.name;
    const { reuse = [] } = options;
    await requireReusable(reuse);
    try {
      const plan = () => planOutput(metainfo, { ...options, signal });
      let planned = await plan();
      if (await hasReplaced(planned.part)) {
        await this.#recover(planned.part);
        planned = await plan();
      }
      return new DiskOutput(candidate, planned, given, reuse, this.#tools);
    } catch (thrown) {
      throw nameOutput(thrown, given, undefined);
    }
  }

  /** Ends the replacement of a folder by a process that was killed, so that the folder is there again. */
  async #recover(part: Part): Promise<void> {
    const lock = await lockPart(part, this.#tools);
    try {
      const failure = await recoverReplaced(part);
      if (failure !== undefined) this.#tools.report(failure, 'tidy up after an earlier get');
    } finally {
      await lock.release();
    }
  }

  close(): Promise<void> {
    return this.#tools.pool.close();
  }
}
