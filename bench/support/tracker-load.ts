import { deadline, runProcess } from '../../test/support/index.ts';
import { HOST, LOAD_PREFIX, type RunningTracker } from '../programs/trackers.ts';
import { UDP_LOAD } from './install.ts';
import { PATIENCE_MS } from './measure.ts';

/** Seeders and downloaders of each swarm before anything is measured. */
export const PEERS_EACH = 80;
/** Requests under way over UDP, when it is as many as the tracker can answer. */
const WINDOW = 256;

/** What `udp-load` prints. */
export interface UdpLoad extends Record<string, number> {
  readonly announcesPerSecond: number;
  readonly bytesPerResponse: number;
  /** The processor time of the tracker for an answer, user and system. */
  readonly cpuMicroseconds: number;
  readonly errors: number;
  readonly lost: number;
  /** The milliseconds from the time at which a request was due to its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** At a given rate: the longest time in which the load generator itself stood still. */
  readonly stalledMs: number;
}

export interface UdpLoadOptions {
  readonly swarms: number;
  readonly seconds: number;
  /** Peers of each swarm; {@link PEERS_EACH} unless given. */
  readonly peers?: number;
  /** Announces a second, whatever the tracker makes of them; absent: as many as it answers. */
  readonly rate?: number;
  /** Whether the swarms are filled first; unless given they are. */
  readonly fill?: boolean;
}

/** The info-hashes that the load generators ask for: swarm n has 16 zero bytes and n. */
export function loadedInfoHashes(swarms: number): string[] {
  return Array.from({ length: swarms }, (_, at) => at.toString(16).padStart(40, '0'));
}

/** Fills swarms and then announces to them over UDP. */
export async function loadOverUdp(
  { udpPort, process }: RunningTracker,
  { swarms, seconds, peers = PEERS_EACH, rate = 0, fill = true }: UdpLoadOptions,
): Promise<UdpLoad> {
  const numbers = [udpPort, swarms, peers, WINDOW, seconds, process.pid, rate, fill ? 1 : 0].map(String);
  return await runLoad<UdpLoad>(UDP_LOAD, HOST, ...numbers);
}

/** Runs a load generator on a core of its own. @returns the line of JSON that it prints */
export async function runLoad<Result>(command: string, ...args: readonly string[]): Promise<Result> {
  const output = await runProcess(command, args, { prefix: LOAD_PREFIX, signal: deadline(PATIENCE_MS) });
  return JSON.parse(output.slice(output.indexOf('{'))) as Result;
}
