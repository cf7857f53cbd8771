import { type SpawnedProcess, type SpawnOptions, spawnProcess } from './process.ts';

export interface Aria2Options extends SpawnOptions {
  /** Path of a `.torrent`, or a magnet link. */
  readonly source: string;
  /** The folder that the content is in, or goes to. */
  readonly folder: string;
  /** Announce URLs, on top of those in the torrent. */
  readonly trackers?: readonly string[];
  /** The address to listen at and to dial from. */
  readonly host?: string;
  /** Further flags for `aria2c`. */
  readonly args?: readonly string[];
}

/** aria2 at work on one torrent. A download ends with `process.exitsWith(0)`. */
export interface Aria2 extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly host: string;
  /** The address at which it listens for peers. */
  readonly port: number;
}

/**
 * Starts aria2 to download a torrent; it ends with exit code 0 as soon as all is there, and seeds nothing after that.
 *
 * @example
 * ```ts
 * await using aria2 = await startAria2Download({ source: torrentFile, folder: folder.path });
 * await aria2.process.exitsWith(0);
 * ```
 */
export function startAria2Download(options: Aria2Options): Promise<Aria2> {
  return startAria2(options, ['--seed-time=0']);
}

/**
 * Starts aria2 to seed, until it is disposed of, what is in `folder` already. It listens when this returns; its
 * tracker may hear of it later (`tracker.untilSeeders()`).
 *
 * @throws {Error} when the content is not there or is not the torrent's
 *
 * @example
 * ```ts
 * await using aria2 = await startAria2Seed({ source: torrentFile, folder: folder.path });
 * ```
 */
export async function startAria2Seed(options: Aria2Options): Promise<Aria2> {
  const aria2 = await startAria2(options, ['--check-integrity=true', '--seed-ratio=0.0']);
  if (!/Verification finished successfully/.test(aria2.process.output)) {
    await aria2[Symbol.asyncDispose]();
    throw new Error(`aria2 does not have what it shall seed:\n${aria2.process.output}`);
  }
  return aria2;
}

async function startAria2(
  { source, folder, trackers = [], host = '127.0.0.1', args = [], ...options }: Aria2Options,
  mode: readonly string[],
): Promise<Aria2> {
  const child = await spawnProcess(
    'aria2c',
    [
      '--no-conf',
      `--stop-with-process=${process.pid}`,
      '--enable-color=false',
      '--show-console-readout=false',
      '--summary-interval=0',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--disable-ipv6=true',
      `--interface=${host}`,
      // aria2 tries the ports of the range in random order until one is free, and says which.
      '--listen-port=20000-60000',
      '--file-allocation=none',
      `--dir=${folder}`,
      ...(trackers.length === 0 ? [] : [`--bt-tracker=${trackers.join(',')}`]),
      ...mode,
      ...args,
      source,
    ],
    options,
  );
  const [, port] = await child.waitForLine(/IPv4 BitTorrent: listening on TCP port (\d+)/);
  return {
    process: child,
    host,
    port: Number(port),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
