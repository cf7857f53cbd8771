import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/index.ts';
import { HOST, type RunningTracker } from '../programs/trackers.ts';
import { PEERS_EACH, runLoad } from './tracker-load.ts';

/** Connections at once. */
const CONNECTIONS = 32;
const SCRIPT = join(repositoryRoot, 'bench/programs/http-load.lua');

/** What `http-load.lua` prints. */
export interface HttpLoad extends Record<string, number> {
  readonly requestsPerSecond: number;
  readonly bytesPerResponse: number;
  /** wrk counts one for each connection that the tracker ends without having said so. */
  readonly errors: number;
  readonly p99Ms: number;
  readonly requests: number;
}

export type HttpConnection = 'keep-alive' | 'close';

/** Announces over HTTP for some seconds, to swarms of {@link PEERS_EACH} peers. */
export function loadOverHttp(
  { port }: RunningTracker,
  swarms: number,
  connection: HttpConnection,
  seconds: number,
): Promise<HttpLoad> {
  const flags = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, '-s', SCRIPT];
  return runLoad(
    'wrk',
    ...flags,
    `http://${HOST}:${port}/`,
    '--',
    String(swarms),
    String(PEERS_EACH),
    connection,
  );
}
