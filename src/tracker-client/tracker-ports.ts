import type { RequestOptions } from 'node:http';
import { type Datagrams, udpDatagrams } from '../net/index.ts';
import { type Clock, wakefulClock } from '../util/index.ts';
import { ConnectionIdCache } from './connection-id-cache.ts';

/** The time and the network that calls of trackers use: those of this machine, or of a simulated one. */
export interface TrackerPorts {
  readonly clock: Clock;
  /** The function by which `node:http` opens the connection of each request. */
  readonly http: Pick<RequestOptions, 'agent' | 'createConnection'>;
  readonly datagrams: Datagrams;
  /** The connection ids of all torrents together, which share their trackers. */
  readonly connectionIds: ConnectionIdCache;
}

/** The time and the network of this machine. Each request over HTTP has a connection of its own. */
export const systemTrackerPorts: TrackerPorts = {
  clock: wakefulClock,
  http: { agent: false },
  datagrams: udpDatagrams,
  connectionIds: new ConnectionIdCache(),
};
