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
import { TrackerLogic } from './core/index.ts';
import { unlessAway } from './errors/index.ts';
import { ClientAddresses, parseProxies } from './frontends/client-address/index.ts';
import {
  Certificate,
  closeFrontEnds,
  connectionsWithin,
  descriptorLimit,
  listenFrontEnds,
} from './frontends/index.ts';
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

/** Milliseconds between looks at who has expired. */
const EXPIRY_SWEEP = 1000;

/** A running tracker. */
export interface Tracker extends AsyncDisposable {
  /** What seeders and clients are given: `http://192.0.2.1:9910`. Of a tracker on all addresses, its loopback one. */
  readonly url: string;
  /** Where it listens. */
  readonly address: Address;
  /** Where the web API listens by itself; absent without `webPort`. */
  readonly webAddress: Address | undefined;
  /**
   * Goes by other rules from now on, all of them: one that is not given is as by default. Nobody is disconnected. Lists
   * of info-hashes, tokens and the certificate are read again, too, where their changes go unnoticed.
   *
   * @throws {TrackerStartError} BAD_OPTION; then nothing has changed
   */
  reload(rules: TrackerRules): void;
  /** What it knows and has done: what `GET /api/v1/stats` tells. */
  stats(): Promise<TrackerStats>;
  /**
   * Ends it: for the time of `drainDelay` it goes on, but says at `/healthz` that it is draining; then it takes nothing
   * more and answers what was asked, for some seconds at most, before it ends. Calling it again does nothing.
   *
   * @throws {AggregateError} when something could not be closed
   */
  close(): Promise<void>;
}

/**
 * Starts a tracker: announces and scrapes over HTTP, UDP and WebSocket, the web API by which seeders register and
 * clients look up.
 * What it knows is in memory and goes with it, except for what `stateDir` keeps, or it is on Redis, which several trackers
 * share; seeders register again by themselves.
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
  checkOptionTypes(options);
  const opened = new CloserStack();
  try {
    return await openTracker(options, opened);
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

/** Opens the parts of a tracker in order, each before those that use it. @param opened is given what is to be closed */
async function openTracker(options: TrackerOptions, opened: CloserStack): Promise<Tracker> {
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
  // For times to show. What depends on the date asks for it each time: it is set, and goes on while the machine sleeps.
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
  const logic = new TrackerLogic({ ...policy, swarms, clock, random, access: announcing });
  const clientAddresses = new ClientAddresses(proxies);
  const rateLimits = new AddressLimits(policy, proxies);
  const metainfos = new MetainfoChecker();
  opened.add({ name: 'the thread that checks metainfos', close: () => metainfos.close() });
  const checks =
    options.checkSeeders === false
      ? undefined
      : new ReachabilityChecks({ network: tcpNetwork({ report }), clock, report: unlessAway(report) });
  if (checks !== undefined) opened.add({ name: 'the checks of seeders', close: () => checks.close() });
  const registrations = { ...policy, metainfos, turns, checks };
  const registry = new Registry({ ...registrations, catalog, swarms, clock, access });
  // Before anyone is answered. On Redis, which may be away, the first sweep does it.
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
  const frontEnds = await listenFrontEnds(options.bind ?? options.host, ports, {
    ...shared,
    access: announcing,
    webServer,
    random,
    wsPolicy: policy,
    tls: certificate,
    plainSockets: options.plainSockets,
    maxConnections: connectionsWithin(policy.maxConnections, descriptors),
  });
  const { http, web, ws } = frontEnds;
  stats.connections = () => http.connections + (web?.connections ?? 0) + ws.connections;
  stats.webTorrent = () => ws.stats();
  opened.add({ name: 'the ports', close: () => closeFrontEnds(frontEnds) });

  // When everyone expires a round takes longer than the time to the next: two at once would make twice the pauses.
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
    ws.configure(policy);
    if (certificate !== undefined) inBackground(certificate.reload(), 'read the certificate again', report);
    for (const port of [http, web]) {
      if (port !== undefined) port.maxConnections = connectionsWithin(policy.maxConnections, descriptors);
    }
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
    url: urlOf(http.address, certificate === undefined ? 'http' : 'https'),
    address: http.address,
    webAddress: web?.address,
    reload,
    stats: () => stats.collect(),
    close,
    // When close() was called already, its caller is told what could not be closed.
    [Symbol.asyncDispose]: () => closing?.catch(() => {}) ?? close(),
  };
}

/** A round through all swarms, in steps between which announces are answered. */
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
