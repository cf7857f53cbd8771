import { join } from 'node:path';
import { repositoryRoot, spawnProcess } from '../../test/support/index.ts';
import { PYTHON } from '../support/measure.ts';
import type { Command, Peer } from './client.ts';

/** A command of `libtorrent-peer.py`. */
export function libtorrentCommand(...args: readonly string[]): Command {
  return [PYTHON, join(repositoryRoot, 'bench/programs/libtorrent-peer.py'), ...args];
}

export const libtorrent: Peer = {
  getCommand: (torrentFile, folder) => libtorrentCommand('get', torrentFile, folder),

  async startSeeder({ torrentFile, folder, host, prefix = [] }) {
    const [command, ...args] = libtorrentCommand('seed', torrentFile, folder, host);
    const spawned = await spawnProcess(command, args, { prefix });
    const [, port] = await spawned.waitForLine(/^\{"port": (\d+)/);
    return {
      process: spawned,
      port: Number(port),
      async stop() {
        spawned.kill('SIGTERM');
        const [, uploaded] = await spawned.waitForLine(/^\{"uploaded": (\d+)/);
        return Number(uploaded);
      },
      [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
    };
  },
};
