import { join } from 'node:path';
import {
  repositoryRoot,
  runProcess,
  type SpawnedProcess,
  spawnProcess,
  startOpentracker,
} from '../../test/support/index.ts';
import { NEW_NODE } from '../support/install.ts';
import { startTracker } from './shoal.ts';

/** The address on which all trackers listen. */
export const HOST = '127.0.0.1';

/** The trackers under test have one core, what asks them the other. */
const TRACKER_CORE = '0';
const ALL_CORES = '0-1';
/** Stands before a command that puts load on a tracker. */
export const LOAD_PREFIX: readonly string[] = ['taskset', '-c', '1'];

/** A tracker on loopback. */
export interface RunningTracker extends AsyncDisposable {
  readonly process: SpawnedProcess;
  /** Of HTTP and WebSocket. */
  readonly port: number;
  readonly udpPort: number;
}

/** Starts a tracker that serves these info-hashes, of 40 hex digits each. */
export type StartTracker = (infoHashes: readonly string[]) => Promise<RunningTracker>;

export const startShoal: StartTracker = async () => pinned(onePort(await startTracker(HOST, [])));

/** Starts one of several trackers that share their swarms on Redis. It is given no core of its own: there are more of them than cores. */
export async function startShoalOnRedis(url: string): Promise<RunningTracker> {
  return onePort(
    await startTracker(HOST, [], { SHOAL_TRACKER_STORE: 'redis', SHOAL_TRACKER_REDIS_URL: url }),
  );
}

export const startOpen: StartTracker = async (infoHashes) =>
  pinned(onePort(await startOpentracker({ infoHashes, host: HOST })));

export const startBittorrentTracker: StartTracker = () => startProgram(NEW_NODE, 'bittorrent-tracker.js');

/** Starts one of the programs beside this file: the least that Node can do. */
export function startBare(name: string): StartTracker {
  return () => startProgram(process.execPath, name);
}

/** A compiled program, which prints the same line. */
export function startNative(...command: readonly [string, ...string[]]): StartTracker {
  const [program, ...args] = command;
  return () => start(program, args);
}

/**
 * Starts a program of this folder, which prints `listening on PORT UDP-PORT`.
 *
 * @param args of the program
 */
export function startProgram(
  node: string,
  name: string,
  ...args: readonly string[]
): Promise<RunningTracker> {
  return start(node, [join(repositoryRoot, 'bench/programs', name), ...args]);
}

async function start(command: string, args: readonly string[]): Promise<RunningTracker> {
  const spawned = await spawnProcess(command, args);
  const [, port, udpPort] = await spawned.waitForLine(/^listening on (\d+)(?: (\d+))?/);
  return pinned({
    process: spawned,
    port: Number(port),
    udpPort: Number(udpPort ?? port),
    [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
  });
}

type Started = AsyncDisposable & { readonly process: SpawnedProcess; readonly announceUrl: string };

function onePort(started: Started): RunningTracker {
  const port = Number(new URL(started.announceUrl).port);
  return {
    process: started.process,
    port,
    udpPort: port,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

/** Gives it a core of its own, with all its threads. */
function pinned(tracker: RunningTracker): Promise<RunningTracker> {
  return moved(tracker, TRACKER_CORE);
}

/** Lets it run where it likes, one of several. */
export function unpinned(tracker: RunningTracker): Promise<RunningTracker> {
  return moved(tracker, ALL_CORES);
}

async function moved(tracker: RunningTracker, cores: string): Promise<RunningTracker> {
  await runProcess('taskset', ['-a', '-c', '-p', cores, String(tracker.process.pid)]);
  return tracker;
}
