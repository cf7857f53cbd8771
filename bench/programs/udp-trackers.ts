import { join } from 'node:path';
import {
  repositoryRoot,
  type SpawnedProcess,
  spawnProcess,
  startOpentracker,
} from '../../test/support/index.ts';
import { NEW_NODE } from '../support/install.ts';
import { startTracker } from './shoal.ts';

const HOST = '127.0.0.1';

/** A tracker that answers over UDP on loopback. */
export interface UdpTracker extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly port: number;
}

/** How each contender is started, with the info-hashes that it is to serve. */
export const udpTrackers: Readonly<Record<string, (infoHashes: readonly string[]) => Promise<UdpTracker>>> = {
  shoal: async () => withPort(await startTracker(HOST, [])),
  opentracker: async (infoHashes) => withPort(await startOpentracker({ infoHashes, host: HOST })),
  'bittorrent-tracker': () => startProgram(NEW_NODE, 'bittorrent-tracker.js'),
  'bare dgram': () => startProgram(process.execPath, 'bare-dgram.js'),
};

type Started = AsyncDisposable & { readonly process: SpawnedProcess; readonly announceUrl: string };

function withPort(started: Started): UdpTracker {
  return {
    process: started.process,
    port: Number(new URL(started.announceUrl).port),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

async function startProgram(node: string, name: string): Promise<UdpTracker> {
  const spawned = await spawnProcess(node, [join(repositoryRoot, 'bench/programs', name)]);
  const [, port] = await spawned.waitForLine(/^listening on (\d+)/);
  return {
    process: spawned,
    port: Number(port),
    [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
  };
}
