import { mkdir } from 'node:fs/promises';
import type { Server as WebServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type Address,
  type Clock,
  type Closer,
  canonicalIp,
  closeAll,
  formatAddress,
  inBackground,
  type Random,
  type ReportError,
  systemClock,
  systemRandom,
  toError,
} from '../util/index.ts';
import { TrackerLogic } from './announce.ts';
import { MemoryCatalog } from './catalog/memory/index.ts';
import { listenFrontEnds } from './front-ends.ts';
import { closeServer, listen } from './http/index.ts';
import { parseLocality } from './locality.ts';
import { Registrar } from './registrar.ts';
import type { SwarmStore } from './swarms/index.ts';
import { MemorySwarmStore, SwarmSnapshot } from './swarms/memory/index.ts';
import { TrackerError } from './tracker-error.ts';
import { createWebServer } from './web-api/index.ts';

/** Seconds between announces unless given: short, as a small team's swarms are young. */
export const DEFAULT_ANNOUNCE_INTERVAL = 120;
/** Seconds after which a seeder that does not renew is forgotten, unless given. */
export const DEFAULT_SEEDER_EXPIRY = 90;
/** Seconds that either may be at most: a day. */
export const MAX_SECONDS = 86_400;

/** A peer may miss an announce and be late with the next before it is forgotten. */
const PEER_TTL_INTERVALS = 2.5;
/** A seeder may miss two renewals. */
const RENEWALS_IN_EXPIRY = 3;
/** Milliseconds between looks at who has expired. */
const EXPIRY_SWEEP = 1000;
/** Milliseconds between snapshots of the swarms. */
const SNAPSHOT_INTERVAL = 180_000;
/** Name of their file in the folder that is given. */
const SNAPSHOT_FILE = 'swarms.snapshot';

export interface TrackerOptions {
  /** IP address to listen on; all addresses of the machine unless given. */
  readonly host?: string;
  /** Port of announces and scrapes, over TCP and UDP, and of the web API, too. 0, the default: any that is free. */
  readonly port?: number;
  /** Another port of the web API. 0: any that is free; absent: none. */
  readonly webPort?: number | undefined;
  /** Seconds between announces, {@link DEFAULT_ANNOUNCE_INTERVAL} unless given. */
  readonly announceInterval?: number;
  /** Seconds after which a seeder that does not renew is forgotten, {@link DEFAULT_SEEDER_EXPIRY} unless given. */
  readonly seederExpiry?: number;
  /**
   * Folder in which who is in which swarm outlives a restart; made when it is not there. Written every few minutes and
   * when the tracker closes. What cannot be read is reported, and the tracker starts without. Absent: nothing is kept.
   */
  readonly stateDir?: string | undefined;
  /**
   * Hands out peers nearby first. Near to a peer are those of its zone: the first of these lists with a range that its
   * address is in, as `[['10.1.0.0/16', '2001:db8:1::/48'], ['10.2.0.0/16']]`; or else those of its subnet (/24 of IPv4,
   * /48 of IPv6), for which an empty list does. Absent: all are alike.
   */
  readonly zones?: readonly (readonly string[])[] | undefined;
  /** Where errors of work go that nobody waits for; the standard error stream unless given. */
  readonly onError?: ReportError;
  /** Time; the machine's unless given. */
  readonly clock?: Clock;
  /** Which peers are picked, and how announces are spread; the machine's unless given. */
  readonly random?: Random;
}

/** A running tracker. */
export interface Tracker extends AsyncDisposable {
  /** What seeders and clients are given: `http://192.0.2.1:9910`. Of a tracker on all addresses, its loopback one. */
  readonly url: string;
  /** Where it listens. */
  readonly address: Address;
  /** Where the web API listens by itself; absent without `webPort`. */
  readonly webAddress: Address | undefined;
  /**
   * Ends it and every connection to it. Calling it again does nothing.
   *
   * @throws {AggregateError} when something could not be closed
   */
  close(): Promise<void>;
}

/**
 * Starts a tracker: announces and scrapes over HTTP and UDP, the web API by which seeders register and clients look up.
 * What it knows is in memory and goes with it, except for what `stateDir` keeps; seeders register again by themselves.
 *
 * @throws {TrackerError} PORT_IN_USE, CANNOT_LISTEN, BAD_OPTION
 * @see BEP 3, BEP 7, BEP 15, BEP 21, BEP 23, BEP 24, BEP 31, BEP 41, BEP 48
 *
 * @example
 * ```ts
 * import { createTracker } from 'shoal/tracker';
 *
 * await using tracker = await createTracker({ port: 9910, webPort: 8081 });
 * console.log(`Seeders and clients: --tracker ${tracker.url}`);
 * ```
 */
export async function createTracker(options: TrackerOptions = {}): Promise<Tracker> {
  const { clock = systemClock, random = systemRandom, onError: report = printError, host } = options;
  const interval = seconds('announceInterval', options.announceInterval ?? DEFAULT_ANNOUNCE_INTERVAL);
  const expiresIn = seconds('seederExpiry', options.seederExpiry ?? DEFAULT_SEEDER_EXPIRY);
  checkPort('port', options.port ?? 0);
  checkPort('webPort', options.webPort ?? 0);

  // A registered seeder is a peer like any other and must renew before peers expire, however they announce.
  const renewIn = Math.min(expiresIn / RENEWALS_IN_EXPIRY, interval);
  const locality = options.zones && parseLocality(options.zones);
  const swarms = new MemorySwarmStore({ peerTtl: interval * PEER_TTL_INTERVALS * 1000, random });
  const catalog = new MemoryCatalog();
  const logic = new TrackerLogic({ swarms, clock, random, interval, locality });
  const registrar = new Registrar({ catalog, swarms, clock, renewIn, expiresIn });
  const epoch = Date.now() - clock.now();
  const toWallTime = (at: number): number => epoch + at;
  const snapshot =
    options.stateDir === undefined
      ? undefined
      : new SwarmSnapshot({
          store: swarms,
          path: join(options.stateDir, SNAPSHOT_FILE),
          clock,
          wallTime: () => toWallTime(clock.now()),
        });
  const webServer = createWebServer({ catalog, swarms, registrar, logic, toWallTime, report });

  if (snapshot !== undefined) await restore(options.stateDir!, snapshot, report);
  const { http, udp } = await listenFrontEnds(host, options.port ?? 0, { logic, webServer, clock, report });
  const closers: Closer[] = [
    { name: 'the tracker port', close: () => http.close() },
    { name: 'the tracker port over UDP', close: () => udp.close() },
  ];
  if (options.webPort !== undefined) {
    try {
      await listen(webServer, host, options.webPort);
    } catch (thrown) {
      await closeAll(closers);
      throw thrown;
    }
    closers.push({ name: 'the web port', close: () => closeWebServer(webServer) });
  }
  webServer.on('error', (error) => report(error, 'accept connections of the web API'));
  const webAddress = options.webPort === undefined ? undefined : addressOf(webServer);

  closers.unshift({
    name: 'the expiry timer',
    close: repeat(clock, EXPIRY_SWEEP, () => {
      inBackground(forgetPeers(swarms, clock), 'forget peers that did not announce', report);
      inBackground(registrar.expire(), 'forget seeders that did not renew', report);
    }),
  });
  if (snapshot !== undefined) {
    const save = (): void => inBackground(snapshot.save(), 'save the swarms', report);
    closers.unshift({ name: 'the snapshot timer', close: repeat(clock, SNAPSHOT_INTERVAL, save) });
    closers.push({ name: 'the snapshot of the swarms', close: () => snapshot.save() });
  }
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll(closers));
  return {
    url: urlOf(http.address),
    address: http.address,
    webAddress,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A tracker that has forgotten its swarms is better than none: within an interval they are there again. */
async function restore(folder: string, snapshot: SwarmSnapshot, report: ReportError): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await snapshot.load();
  } catch (thrown) {
    report(toError(thrown), 'take up the swarms of the last run');
  }
}

/** A round through all swarms, in steps between which announces are answered. */
async function forgetPeers(swarms: SwarmStore, clock: Clock): Promise<void> {
  while (!swarms.expire(clock.now())) await setImmediate();
}

/** Calls `work` every `period` milliseconds. @returns what ends that */
function repeat(clock: Clock, period: number, work: () => void): () => void {
  let cancel = clock.setTimer(period, turn);
  return () => cancel();

  function turn(): void {
    cancel = clock.setTimer(period, turn);
    work();
  }
}

async function closeWebServer(server: WebServer): Promise<void> {
  const closed = closeServer(server);
  server.closeAllConnections();
  await closed;
}

function addressOf(server: WebServer): Address {
  const { address, port } = server.address() as AddressInfo;
  return { host: canonicalIp(address)!, port };
}

function urlOf({ host, port }: Address): string {
  const reachable = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  return `http://${formatAddress({ host: reachable, port })}`;
}

function seconds(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SECONDS) return value;
  throw new TrackerError('BAD_OPTION', `${name} must be 1 to ${MAX_SECONDS} whole seconds, found ${value}`);
}

function checkPort(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  throw new TrackerError('BAD_OPTION', `${name} must be 0 to 65535, found ${value}`);
}

function printError(error: Error, context: string): void {
  console.error(`Tracker: could not ${context}:`, error);
}
