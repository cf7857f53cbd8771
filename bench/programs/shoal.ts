import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadline, repositoryRoot, type SpawnedProcess, spawnProcess } from '../../test/support/index.ts';
import { PATIENCE_MS } from '../support/measure.ts';
import type { Command, Peer } from './client.ts';

/** What `npm run build:dist` makes, and users run. */
const MAIN = join(repositoryRoot, 'dist/cli/main.js');

/** The command line of `shoal`. A folder without a configuration file is the place to run it. */
export function shoalCommand(...args: readonly string[]): Command {
  return [process.execPath, MAIN, ...args];
}

export const shoal: Peer = {
  // The tracker of these torrents is on loopback, at a path for each seeder.
  getCommand: (torrentFile, folder) =>
    shoalCommand(
      'get',
      torrentFile,
      '-o',
      join(folder, 'content.bin'),
      '--timeout',
      '10m',
      '--quiet',
      '--trust-trackers',
    ),

  async startSeeder({ torrentFile, folder, host, prefix = [] }) {
    const [command, ...args] = shoalCommand(
      'seed',
      torrentFile,
      '--data',
      folder,
      '--host',
      host,
      '--port',
      '0',
      '--json',
    );
    const spawned = await spawnProcess(command, args, { prefix, cwd: tmpdir() });
    const [, port] = await spawned.waitForLine(
      /^\{"event":"listening".*?"port":(\d+)/,
      deadline(PATIENCE_MS),
    );
    return {
      process: spawned,
      port: Number(port),
      async stop() {
        spawned.kill('SIGTERM');
        const [, uploaded] = await spawned.waitForLine(/^\{"event":"stopped".*?"uploaded":(\d+)/);
        return Number(uploaded);
      },
      [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
    };
  },
};

/**
 * Starts `shoal tracker`.
 *
 * @param env settings beside the usual ones
 * @returns its announce URL
 */
export async function startTracker(
  host: string,
  prefix: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly process: SpawnedProcess; readonly announceUrl: string }> {
  const [command, ...args] = shoalCommand(
    'tracker',
    '--host',
    host,
    '--port',
    '0',
    '--web-port',
    '0',
    '--json',
  );
  const spawned = await spawnProcess(command, args, { prefix, env, cwd: tmpdir() });
  const [, url] = await spawned.waitForLine(/^\{"event":"listening".*?"url":"([^"]+)"/);
  return {
    process: spawned,
    announceUrl: `${url}/announce`,
    [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
  };
}
