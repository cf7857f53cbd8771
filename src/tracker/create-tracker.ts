import type { Server as WebServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
} from '../util/index.ts';
import { TrackerLogic } from './announce.ts';
import { MemoryCatalog } from './catalog/memory/index.ts';
import { listenFrontEnds } from './front-ends.ts';
import { closeServer, listen } from './http/index.ts';
import { Registrar } from './registrar.ts';
import { MemorySwarmStore } from './swarms/memory/index.ts';
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
 * What it knows is in memory and goes with it; seeders register again by themselves.
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
  const swarms = new MemorySwarmStore({ peerTtl: interval * PEER_TTL_INTERVALS * 1000, random });
  const catalog = new MemoryCatalog();
  const logic = new TrackerLogic({ swarms, clock, random, interval });
  const registrar = new Registrar({ catalog, swarms, clock, renewIn, expiresIn });
  const epoch = Date.now() - clock.now();
  const toWallTime = (at: number): number => epoch + at;
  const webServer = createWebServer({ catalog, swarms, registrar, logic, toWallTime, report });

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
    close: repeat(clock, () => {
      swarms.expire(clock.now());
      inBackground(registrar.expire(), 'forget seeders that did not renew', report);
    }),
  });
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

/** Calls `work` every {@link EXPIRY_SWEEP} milliseconds. @returns what ends that */
function repeat(clock: Clock, work: () => void): () => void {
  let cancel = clock.setTimer(EXPIRY_SWEEP, turn);
  return () => cancel();

  function turn(): void {
    cancel = clock.setTimer(EXPIRY_SWEEP, turn);
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
