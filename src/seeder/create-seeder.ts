import { resolve } from 'node:path';
import { defaultOf } from '../config/index.ts';
import { createHashPool, describeNotUtf8 } from '../hashing/index.ts';
import { reportWarnings } from '../metainfo/index.ts';
import { tcpNetwork } from '../net/index.ts';
import { Session } from '../session/index.ts';
import { OpenFiles } from '../storage/index.ts';
import { makePeerId } from '../swarm/index.ts';
import {
  guardCallback,
  type ReportError,
  systemClock,
  systemRandom,
  systemReason,
  warnProcess,
} from '../util/index.ts';
import type { OfferMaking } from './cached-offer.ts';
import { checkSeederOptions } from './check-options.ts';
import { HashCache } from './hash-cache/index.ts';
import type { Offer } from './offer.ts';
import { type Offers, readOffers } from './read-offers.ts';
import { RunningSeeder } from './running-seeder.ts';
import { explainAbort, SeederError } from './seeder-error.ts';
import type { Seeder, SeederOptions } from './seeder-options.ts';
import { SEEDER_SETTINGS } from './settings.ts';

/** The most warnings about files that cannot be offered. */
const FAILURES_TOLD = 20;

/**
 * Makes a torrent of each file, offers the torrents to peers, and registers all of them with the tracker: by one request at
 * the start, renewals from time to time, and a request to leave at the end. A tracker that cannot be reached is tried again.
 *
 * The promise resolves when the files are read and the seeder takes connections. {@link Seeder.registered} tells when the
 * tracker knows of them. A file that cannot be offered does not hold up the others, and is offered once it can be. Files are
 * watched: a file that was deleted or changed is no longer served, and is offered again when it has settled.
 *
 * The same file under the same name has the same info-hash on every machine, so that several seeders share a swarm.
 *
 * @param given the files and torrents to offer, the tracker, limits and callbacks
 * @returns the running seeder; close it to end the process
 * @throws {SeederError} with a `code` for each way to fail, and `failures` when no file can be offered
 * @throws {NetworkError} PORT_IN_USE when another program listens on the port
 *
 * @example
 * ```ts
 * import { createSeeder } from 'shoal';
 *
 * const seeder = await createSeeder({ tracker: 'http://tracker.example:9910', paths: ['data'], port: 9911 });
 * await seeder.registered;
 * console.log(seeder.torrents.map((torrent) => torrent.name));
 * await seeder.close();
 * ```
 */
export async function createSeeder(given: SeederOptions): Promise<Seeder> {
  checkSeederOptions(given);
  const { report, options } = guardCallbacks(given);
  if (options.signal?.aborted === true) throw explainAbort(options.signal.reason);
  const peerId = makePeerId();
  // This pool serves changed files, and the rare peer that requests hashes. It has no thread until then.
  const rarelyUsed = createHashPool({ threads: 1 });
  // The port is opened first, so that a taken port shows before hours of reading.
  const session = await Session.open({
    network: tcpNetwork({ report }),
    clock: systemClock,
    random: systemRandom,
    report,
    makeTrees: rarelyUsed,
    peerId,
    host: options.bind ?? options.bindHost,
    port: options.port ?? 0,
    maxConnections: options.maxConnections ?? defaultOf(SEEDER_SETTINGS.maxConnections),
    limits: { up: options.limitUp },
  });
  try {
    await using pool = createHashPool();
    const cache = openCache(options, report);
    const offers = await readAll({ pool, cache }, options, report);
    await cache?.flush();
    tellNotOffered(offers.notOffered, report);
    for (const { metainfo } of offers.offers) reportWarnings(metainfo, report);
    tellRenamed(offers.offers, report);
    return new RunningSeeder(offers, {
      options,
      session,
      pool: rarelyUsed,
      cache,
      openFiles: new OpenFiles({ clock: systemClock, report }),
      peerId,
      clock: systemClock,
      random: systemRandom,
      report,
    });
  } catch (thrown) {
    await session.close();
    await rarelyUsed.close();
    throw thrown;
  }
}

/** Opens the cache of hashes, if there is to be one. Nothing is read or written yet. */
function openCache(options: SeederOptions, report: ReportError): HashCache | undefined {
  const { cacheDir: folder, maxCacheBytes: maxBytes = defaultOf(SEEDER_SETTINGS.maxCacheBytes) } = options;
  if (folder === undefined || folder === 'off') return undefined;
  return new HashCache({
    folder,
    maxBytes,
    clock: systemClock,
    onFailed: (cause) => {
      const message = `Cannot keep hashes in ${folder}: ${systemReason(cause)}. All files are read again at the next start`;
      report(new SeederError('NO_CACHE', message, { path: folder, cause }), 'keep hashes');
    },
    onDebug: (message) => options.onDebug?.(message),
  });
}

/**
 * Reads the files.
 *
 * @throws {SeederError} `CALLBACK_FAILED` when `onHashing` throws, or its promise rejects; `ABORTED` and `TIMED_OUT` when the
 * signal aborts
 */
async function readAll(making: OfferMaking, options: SeederOptions, report: ReportError): Promise<Offers> {
  const failing = new AbortController();
  let isRead = false;
  const onHashing = guardCallback('onHashing', options.onHashing, (error) => {
    // A promise that rejects after the start cannot end it any more.
    if (isRead) report(error, 'tell the progress of reading');
    else failing.abort(new SeederError('CALLBACK_FAILED', error.message, { cause: error.cause }));
  });
  const signals = [failing.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const signal = AbortSignal.any(signals);
  try {
    const offers = await readOffers(making, { ...options, onHashing, signal });
    signal.throwIfAborted();
    isRead = true;
    return offers;
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw failing.signal.aborted ? failing.signal.reason : explainAbort(signal.reason);
  }
}

/** Leaves out the paths that name the same place as an earlier one in another way, such as `build` and `./build/`. */
function distinctPaths(paths: readonly string[]): readonly string[] {
  const known = new Map<string, string>();
  for (const path of paths) if (!known.has(resolve(path))) known.set(resolve(path), path);
  return [...known.values()];
}

/** Wraps the callbacks that are called while the seeder runs, so that an error in one of them becomes a warning. */
function guardCallbacks(given: SeederOptions): { report: ReportError; options: SeederOptions } {
  const report = guardCallback('onWarning', given.onWarning ?? warnProcess, (error) =>
    warnProcess(error, 'warn'),
  );
  const onThrown = (error: Error) => report(error, 'tell of an event');
  const guard = <Name extends 'onRegistered' | 'onRefused' | 'onWithdrawn' | 'onOffered' | 'onDebug'>(
    name: Name,
  ) => {
    const callback: ((...args: never[]) => unknown) | undefined = given[name];
    return callback === undefined ? {} : { [name]: guardCallback(name, callback, onThrown) };
  };
  const { paths } = given;
  const options = {
    ...given,
    ...(paths !== undefined && { paths: distinctPaths(paths) }),
    ...guard('onRegistered'),
    ...guard('onRefused'),
    ...guard('onWithdrawn'),
    ...guard('onOffered'),
    ...guard('onDebug'),
  };
  return { report, options };
}

/** Warns of files that are offered under another name than they have on disk. */
function tellRenamed(offers: readonly Offer[], report: ReportError): void {
  const own = offers.filter(({ source }) => source.kind === 'file');
  const renamed = describeNotUtf8(
    own.map(({ metainfo, path }) => ({ path: [metainfo.name], diskPath: path })),
  );
  if (renamed !== undefined) report(new SeederError('RENAMED', renamed), 'keep all names');
}

function tellNotOffered(failures: readonly SeederError[], report: ReportError): void {
  for (const failure of failures.slice(0, FAILURES_TOLD)) report(failure, 'offer everything');
  const rest = failures.length - FAILURES_TOLD;
  if (rest <= 0) return;
  const message = `${rest} more cannot be offered`;
  report(
    new SeederError(failures[0]!.code, message, { failures: failures.slice(FAILURES_TOLD) }),
    'offer everything',
  );
}
