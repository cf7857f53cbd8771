import type { HashPool } from '../hashing/index.ts';
import type { OpenFiles } from '../storage/index.ts';
import type { DiskOptions } from './disk.ts';

/** The things that all outputs on the disk of this machine share. */
export interface DiskTools extends DiskOptions {
  readonly pool: HashPool;
  readonly openFiles: OpenFiles;
}
