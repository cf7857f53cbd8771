import { setImmediate } from 'node:timers/promises';
import { tcpNetwork } from '../net/index.ts';
import {
  type Address,
  type Clock,
  CloserStack,
  formatAddress,
  guardCallback,
  inBackground,
  limitReports,
  oneAtATime,
  pause,
  type ReportError,
  repeat,
  systemClock,
  systemRandom,
  Turns,
} from '../util/index.ts';
import { FullScrape } from './core/full-scrape/index.ts';
import { AnnounceLogic } from './core/index.ts';
import { unlessAway } from './errors/index.ts';
import { ClientAddresses, parseProxies } from './frontends/client-address/index.ts';
import { Certificate, connectionsWithin, descriptorLimit, listenFrontEnds } from './frontends/index.ts';
import { createWebServer, WebPageRules } from './frontends/web-api/index.ts';
import { Access } from './guard/access/index.ts';
import { AddressLimits } from './guard/rate-limit/index.ts';
import { createCounters, StatsCollector, type TrackerStats } from './metrics/index.ts';
import { checkOptionTypes, checkRuleTypes } from './option-types.ts';
import { tellsOfDamage } from './persistence/index.ts';
import { MetainfoChecker, Registry } from './registry/index.ts';
import { ReachabilityChecks } from './registry/reachability/index.ts';
import { openStores } from './stores.ts';
import type { SwarmStore } from './swarms/index.ts';
import { accessOf, checkPort, type TrackerOptions } from './tracker-options.ts';
import { policyOf, seconds } from './tracker-policy.ts';
import type { TrackerRules } from './tracker-rules.ts';

/** The number of milliseconds between two looks for peers and seeders that have expired. */
const EXPIRY_SWEEP = 1000;

/** A running tracker. */
export interface Tracker extends AsyncDisposable {
  /**
   * The URL for seeders and clients: `http://192.0.2.1:9910`. If the tracker listens on all addresses, it is the loopback
   * one.
   */
  readonly url: string;
  /** The address at which the tracker listens. */
  readonly address: Address;
  /** The address at which the web API listens by itself; `undefined` without `webPort`. */
  readonly webAddress: Address | undefined;
  /**
   * Replaces all rules. An omitted rule returns to its default. Open connections stay open. Lists of info-hashes, tokens and
   * the certificate are read again as well, for folders in which changes go unnoticed.
   *
   * @throws {TrackerStartError} BAD_OPTION; then nothing has changed
   */
  reload(rules: TrackerRules): void;
  /** Gives the figures of `GET /api/v1/stats`: what the tracker knows and what it has done. */
  stats(): Promise<TrackerStats>;
  /**
   * Ends the tracker. For the time of `drainDelay` it goes on, but says at `/healthz` that it is draining. Then it takes no
   * more requests, answers those that have come, for some seconds at most, and closes. Calling it again does nothing.
   *
   * @throws {AggregateError} when something could not be closed
   */
  close(): Promise<void>;
}

/**
 * Starts a tracker: announces and scrapes over HTTP, UDP and WebSocket, the web API by which seeders register and clients
 * look up. Swarms and seeders are in memory and end with the tracker, except for what `stateDir` keeps; or they are on
 * Redis, which several trackers share. Seeders register again by themselves.
 *
 * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN, BAD_OPTION, and with `stateDir` STATE_IN_USE, BAD_STATE,
 * CANNOT_KEEP_STATE, NO_LMDB
 * @throws {AccessFileError} when a list of info-hashes or the file of tokens cannot be read
 * @see BEP 3, BEP 7, BEP 15, BEP 21, BEP 23, BEP 24, BEP 31, BEP 41, BEP 48
 *
 * @example
 * ```ts
 * import { createTracker } from 'shoal/tracker';
 *
 * const tracker = await createTracker({ port: 9910, webPort: 8081 });
 * console.log(`Seeders and clients: --tracker ${tracker.url}`);
 * await tracker.close();
 * ```
 */
export async function createTracker(options: TrackerOptions = {}): Promise<Tracker> {
  return createTrackerOn({ listenFrontEnds, makeNetwork: tcpNetwork }, options);
}

/** The network that a tracker is on: that of this machine, or a simulated one. */
export interface TrackerNetwork {
  readonly listenFrontEnds: typeof listenFrontEnds;
  /** Makes the network over which the tracker finds out whether seeders can be reached. */
  readonly makeNetwork: typeof tcpNetwork;
}

/** Starts a tracker as {@link createTracker} does, on any network. */
export async function createTrackerOn(network: TrackerNetwork, options: TrackerOptions): Promise<Tracker> {
  checkOptionTypes(options);
  const opened = new CloserStack();
  try {
    return await openTracker(network, options, opened);
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

/**
 * Opens the parts of a tracker in order, each before those that use it.
 *
 * @param opened receives the parts that are to be closed
 */
async function openTracker(
  network: TrackerNetwork,
  options: TrackerOptions,
  opened: CloserStack,
): Promise<Tracker> {
  const { clock = systemClock, random = systemRandom, wallTime = Date.now } = options;
  const counters = createCounters(clock);
  const tell = guardCallback('onError', options.onError ?? limitReports(printError), (error) =>
    printError(error, 'report an error'),
  );
  const report: ReportError = (error, context) => {
    if (tellsOfDamage(error)) counters.damages += 1;
    tell(error, context);
  };
  const policy = policyOf(options);
  checkPort('port', options.port ?? 0);
  checkPort('webPort', options.webPort ?? 0);
  const rights = accessOf(options);
  const drainDelay = seconds('drainDelay', options.drainDelay ?? 0, 0);

  const proxies = parseProxies(options.trustedProxies ?? []);
  const pages = new WebPageRules(options);
  const certificate = options.tls && (await Certificate.open(options.tls, report));
  if (certificate !== undefined) opened.add({ name: 'the certificate', close: () => certificate.close() });
  // This is for times that are shown. Code that depends on the date asks for it each time, because the date may be set and
  // goes on while the machine sleeps.
  const epoch = wallTime() - clock.now();
  const toWallTime = (at: number): number => epoch + at;
  const access = await Access.open({ ...rights, wallTime, report });
  opened.add({ name: 'the files of who may do what', close: () => access.close() });
  const time = { clock, wallTime, toWallTime };
  const onNotice = guardCallback('onNotice', options.onNotice, (error) => report(error, 'tell of news'));
  const turns = new Turns();
  const stores = await openStores({ ...options, onNotice, ...policy, ...time, turns, random, report });
  opened.add(...stores.closers);
  const { swarms, catalog } = stores;
  const announcing = access.isOpen ? undefined : access;
  const logic = new AnnounceLogic({ ...policy, swarms, clock, random, access: announcing });
  const clientAddresses = new ClientAddresses(proxies);
  const rateLimits = new AddressLimits(policy, proxies);
  const metainfos = new MetainfoChecker();
  opened.add({ name: 'the thread that checks metainfos', close: () => metainfos.close() });
  const checks =
    options.checkSeeders === false
      ? undefined
      : new ReachabilityChecks({
          network: network.makeNetwork({ report }),
          clock,
          report: unlessAway(report),
        });
  if (checks !== undefined) opened.add({ name: 'the checks of seeders', close: () => checks.close() });
  const registrations = { ...policy, metainfos, turns, checks };
  const registry = new Registry({ ...registrations, catalog, swarms, clock, access });
  // Expired seeders go before anyone is answered. On Redis, which may not answer, the first sweep does it.
  if (options.stateDir !== undefined) await registry.expire();
  const stats = new StatsCollector({
    swarms,
    catalog,
    rateLimits,
    access,
    counters,
    checks,
    storeCalls: stores.calls,
    clock,
    toWallTime,
    report,
  });
  const fullScrape =
    options.fullScrape === true ? new FullScrape({ counts: stores.counts, clock }) : undefined;
  const shared = { logic, fullScrape, access, rateLimits, clientAddresses, counters, clock, report };
  const hasMetrics = options.metrics ?? true;
  const forWeb = { pages, turns, catalog, swarms, registry, stats, hasMetrics, toWallTime };
  const webServer = createWebServer({ ...shared, ...forWeb });

  const ports = { port: options.port ?? 0, webPort: options.webPort };
  const descriptors = descriptorLimit();
  const frontEnds = await network.listenFrontEnds(options.bind ?? options.host, ports, {
    ...shared,
    webServer,
    random,
    wsPolicy: policy,
    tls: certificate,
    plainSockets: options.plainSockets,
    maxConnections: connectionsWithin(policy.maxConnections, descriptors),
  });
  stats.connections = () => frontEnds.connections;
  stats.webTorrent = () => frontEnds.webTorrent();
  opened.add({ name: 'the ports', close: () => frontEnds.close() });

  // When all peers expire, a round takes longer than the time to the next one: two rounds at once would double the pauses.
  const forget = oneAtATime(() => forgetPeers(swarms, clock));
  const expire = oneAtATime(() => registry.expire());
  opened.add({
    name: 'the expiry timer',
    close: repeat(clock, EXPIRY_SWEEP, () => {
      const reportOther = unlessAway(report);
      inBackground(forget(), 'forget peers that did not announce', reportOther);
      inBackground(expire(), 'forget seeders that did not renew', reportOther);
    }),
  });
  const keeping = stores.start();
  if (keeping !== undefined) opened.add(keeping);
  const reload = (rules: TrackerRules): void => {
    checkRuleTypes(rules);
    const policy = policyOf(rules);
    logic.configure(policy);
    registry.configure(policy);
    stores.configure(policy);
    rateLimits.configure(policy);
    inBackground(access.reload(), 'read again who may do what', report);
    const maxConnections = connectionsWithin(policy.maxConnections, descriptors);
    frontEnds.configure({ ...policy, maxConnections });
    if (certificate !== undefined) inBackground(certificate.reload(), 'read the certificate again', report);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stats.isDraining = true;
    closing ??= (drainDelay === 0 ? Promise.resolve() : pause(clock, drainDelay * 1000)).then(() =>
      opened.close(),
    );
    return closing;
  };
  return {
    url: urlOf(frontEnds.address, certificate === undefined ? 'http' : 'https'),
    address: frontEnds.address,
    webAddress: frontEnds.webAddress,
    reload,
    stats: () => stats.collect(),
    close,
    // When close() was called already, the caller of that call is told what could not be closed.
    [Symbol.asyncDispose]: () => closing?.catch(() => {}) ?? close(),
  };
}

/** Forgets expired peers of all swarms, in steps between which announces are answered. */
async function forgetPeers(swarms: SwarmStore, clock: Clock): Promise<void> {
  while (!(await swarms.expire(clock.now()))) await setImmediate();
}

function urlOf({ host, port }: Address, scheme: 'http' | 'https'): string {
  const reachable = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  return `${scheme}://${formatAddress({ host: reachable, port })}`;
}

function printError(error: Error, context: string): void {
  console.error(`Tracker: could not ${context}:`, error);
}
