import { backOff, isUnknownHost, TrackerCallError } from '../tracker-client/index.ts';
import { isTimeout, pause, type ReportError, toError } from '../util/index.ts';
import { mayPass } from './ask-again.ts';
import type { DownloadResources } from './download-resources.ts';
import type { LookUpResources, TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';

const FIRST_WAIT_MS = 1000;
/** The most milliseconds between two look-ups, give or take a quarter: a thousand machines that wait ask a tracker 100 times a second. */
const LONGEST_LOOK_UP_WAIT_MS = 10_000;
/** The same for a tracker that says that it is asked too much, or is not ready. */
const LONGEST_BUSY_WAIT_MS = 60_000;
/** The HTTP statuses by which a tracker says so: Too Many Requests, Service Unavailable. */
const BUSY_STATUSES: readonly (number | undefined)[] = [429, 503];
/** The most warnings of look-ups that are told apart. Further ones are left out. */
const MAX_WAIT_WARNINGS = 1000;

/**
 * Looks a thing up again and again until a torrent of it has a seeder, also while the tracker is away. A torrent that was
 * tried is not tried again.
 *
 * @param lookUp looks it up once, and tells its warnings to the resources that it is given
 * @yields the torrents, and further ones for as long as the caller asks for them
 * @throws {GetError} TIMED_OUT at the deadline, which says what was waited for
 * @throws the error of a look-up that will never succeed, such as a tracker that refuses; and the signal's reason
 */
export async function* whenThereIsASeeder(
  lookUp: (resources: LookUpResources) => AsyncIterable<TorrentCandidate>,
  resources: DownloadResources,
): AsyncGenerator<TorrentCandidate> {
  const { clock, random, signal, tell } = resources;
  const startedAt = clock.now();
  const once = { ...resources, report: eachOnce(resources.report) };
  const tried = new Set<string>();
  let reason: Error | undefined;
  const untilAborted = (thrown: unknown): Error => {
    const error = toError(thrown);
    return isTimeout(signal.reason) && reason !== undefined
      ? notInTime(reason, clock.now() - startedAt)
      : error;
  };
  for (let tries = 1; ; tries += 1) {
    try {
      for await (const candidate of lookUp(once)) {
        const { infoHash } = candidate.metainfo;
        if (tried.has(infoHash)) continue;
        tried.add(infoHash);
        yield candidate;
      }
      reason = new GetError('NOT_FOUND', 'None of the torrents that the tracker names is the wanted one');
    } catch (thrown) {
      if (signal.aborted) throw untilAborted(thrown);
      if (!mayComeLater(thrown)) throw thrown;
      reason = toError(thrown);
    }
    const waited = Math.round((clock.now() - startedAt) / 1000);
    const nothing = { done: 0, total: 0, downloadRate: 0, uploadRate: 0, peers: 0 };
    tell({ ...nothing, phase: 'waiting', waitingFor: reason.message, waited });
    await pause(clock, backOff(tries, FIRST_WAIT_MS, longestAfter(reason), random), signal).catch(
      (thrown: unknown) => {
        throw untilAborted(thrown);
      },
    );
  }
}

/** Tells whether a later look-up may find what this one did not. Unlike for one look-up, a host without a name may get it. */
function mayComeLater(thrown: unknown): boolean {
  if (thrown instanceof GetError) return thrown.code === 'NOT_FOUND';
  return mayPass(thrown) || isUnknownHost(thrown);
}

function longestAfter(reason: Error): number {
  const isBusy = reason instanceof TrackerCallError && BUSY_STATUSES.includes(reason.status);
  return isBusy ? LONGEST_BUSY_WAIT_MS : LONGEST_LOOK_UP_WAIT_MS;
}

function notInTime(reason: Error, waitedMs: number): GetError {
  const message = `The file was not there in time, after ${Math.round(waitedMs / 1000)} s of waiting for a seeder. ${reason.message}`;
  return new GetError('TIMED_OUT', message, { cause: reason });
}

/** Wraps a callback so that it gets each message once, because every look-up finds the same faults. */
function eachOnce(report: ReportError): ReportError {
  const told = new Set<string>();
  return (error, context) => {
    const message = `${context}: ${error.message}`;
    if (told.size >= MAX_WAIT_WARNINGS || told.has(message)) return;
    told.add(message);
    report(error, context);
  };
}
