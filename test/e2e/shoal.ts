import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, type SpawnedProcess, type SpawnOptions, spawnProcess } from '../support/index.ts';

/** What `npm run build:dist` makes, and users run. */
export const MAIN = join(repositoryRoot, 'dist/cli/main.js');

/** A line of `--json`. */
export interface ShoalEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Starts `shoal`, unless told otherwise in a folder without a configuration file. */
export function shoal(args: readonly string[], options: SpawnOptions = {}): Promise<SpawnedProcess> {
  return spawnProcess(process.execPath, [MAIN, ...args], { cwd: tmpdir(), ...options });
}

/** Reads what a process said with `--json`; every line of stdout must be an object with a name. */
export function eventsOf(spawned: SpawnedProcess): ShoalEvent[] {
  return spawned.stdout.map((line) => {
    const event = JSON.parse(line) as ShoalEvent;
    if (typeof event.event !== 'string') throw spawned.error(`Found a line that is no event, ${line}, of`);
    return event;
  });
}

/** Waits for an event of `--json`. */
export async function untilEventOf(spawned: SpawnedProcess, name: string): Promise<ShoalEvent> {
  const [line] = await spawned.waitForLine(new RegExp(`^\\{"event":"${name}".*`));
  return JSON.parse(line) as ShoalEvent;
}

/** Runs `shoal … --json` to its end. @returns its last event, once it has ended with `exitCode` */
export async function runShoal(
  args: readonly string[],
  exitCode = 0,
  options: SpawnOptions = {},
): Promise<ShoalEvent> {
  await using spawned = await shoal([...args, '--json'], options);
  await spawned.exitsWith(exitCode);
  return eventsOf(spawned).at(-1)!;
}

export interface RunningTracker extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly url: string;
  readonly webUrl: string;
}

/** Starts `shoal tracker`, on ports that are free unless told otherwise. */
export async function startTracker({
  port = '0',
  args = [],
}: {
  port?: string;
  args?: readonly string[];
} = {}): Promise<RunningTracker> {
  const listen = ['--host', '127.0.0.1', '--port', port, '--web-port', '0'];
  const spawned = await shoal(['tracker', ...listen, '--json', ...args]);
  const { url, webUrl } = await untilEventOf(spawned, 'listening');
  return {
    process: spawned,
    url: String(url),
    webUrl: String(webUrl),
    [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
  };
}

export interface RunningSeeder extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly port: number;
}

/** Starts `shoal seed`, and waits until the tracker knows of it. */
export function startSeeder(
  { url }: { readonly url: string },
  ...paths: readonly string[]
): Promise<RunningSeeder> {
  return startOffering('seed', url, paths);
}

/** Starts `shoal publish` of a folder, and waits until the tracker knows of it. */
export function startPublisher({ url }: { readonly url: string }, folder: string): Promise<RunningSeeder> {
  return startOffering('publish', url, [folder]);
}

async function startOffering(
  command: 'seed' | 'publish',
  url: string,
  paths: readonly string[],
): Promise<RunningSeeder> {
  const spawned = await shoal([command, '--port', '0', '--tracker', url, '--json', ...paths]);
  const { port } = await untilEventOf(spawned, 'listening');
  await untilEventOf(spawned, 'registered');
  return {
    process: spawned,
    port: Number(port),
    [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
  };
}
