import type { SpawnedProcess } from '../../test/support/index.ts';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** A program that can download. */
export interface Client {
  /** The command that downloads a torrent of one file into a folder, and ends when it is there. */
  getCommand(torrentFile: string, folder: string): Command;
}

/** A running seeder. */
export interface RunningSeeder extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly port: number;
  /** Ends it. @returns bytes of payload it says it has sent */
  stop(): Promise<number>;
}

/** The torrent to seed, and the place of its file. */
export interface SeedOptions {
  readonly torrentFile: string;
  /** The folder that the file is in. */
  readonly folder: string;
  readonly host: string;
  /** Stands before the command: `ip netns exec …`. */
  readonly prefix?: readonly string[];
}

/** A program that can seed, too. */
export interface Peer extends Client {
  startSeeder(options: SeedOptions): Promise<RunningSeeder>;
}
