import { defaultOf } from '../config/index.ts';
import { reportWarnings } from '../metainfo/index.ts';
import type { Network } from '../net/index.ts';
import { Session } from '../session/index.ts';
import type { TrackerPorts } from '../tracker-client/index.ts';
import {
  CallbackError,
  type Clock,
  closeAll,
  GivenUpError,
  guardCallback,
  inBackground,
  type Random,
  type ReportError,
  toError,
  untilGivenUp,
  warnProcess,
} from '../util/index.ts';
import { checkGetOptions, normalizeGetOptions } from './check-options.ts';
import type { Disk, DiskOptions } from './disk.ts';
import type { DownloadResources } from './download-resources.ts';
import { explain } from './explain.ts';
import { candidateOf, candidatesAt, type LookUpResources, type TorrentCandidate } from './find.ts';
import { getCandidate, type WholeOutput } from './get-candidate.ts';
import { GetError, type GetErrorCode } from './get-error.ts';
import type { GetOptions, GetPhase, GetResult } from './get-options.ts';
import { seedingRuleOf } from './seed-until.ts';
import { CLIENT_SETTINGS, DEFAULT_STALL_MS } from './settings.ts';
import { closeLimit, STOPPING_MS, stopBy } from './stop.ts';
import { whenThereIsASeeder } from './wait-for-seeder.ts';

/** The machine that a download runs on: this one, or a simulated one. */
export interface Machine {
  readonly clock: Clock;
  /** The clock of deadlines, whose timers keep the process alive. */
  readonly wakefulClock: Clock;
  readonly random: Random;
  /** Makes the 20 bytes by which peers know it. */
  makePeerId(): Uint8Array;
  /** Makes the network over which it meets peers. */
  makeNetwork(options: { readonly report: ReportError }): Network;
  openDisk(options: DiskOptions): Disk;
  /** The time and the network of calls of trackers. */
  readonly trackerPorts: TrackerPorts;
}

/** Gets a file as `get()` does, on any machine. @throws what `get()` does */
export async function getOn(machine: Machine, options: GetOptions): Promise<GetResult> {
  checkGetOptions(options);
  const wanted = normalizeGetOptions(options);
  const stop = stopBy(options.signal);
  const onThrown = (error: CallbackError) => stop.abort(error);
  const report = guardCallback('onWarning', options.onWarning ?? warnProcess, onThrown);
  const { signal } = stop;
  const { wakefulClock } = machine;
  const tell = guardCallback('onProgress', options.onProgress, onThrown);
  const debug = guardCallback('onDebug', options.onDebug, onThrown);
  const onDelivered = guardCallback('onDelivered', options.onDelivered, onThrown);
  const opened: Opened = {};
  let phase: GetPhase | undefined;
  try {
    const work = getAndClose(machine, wanted, opened, {
      report,
      debug,
      signal,
      onDelivered,
      tell: (progress) => {
        if (signal.aborted) return;
        phase = progress.phase;
        tell(progress);
      },
    });
    const result = await untilGivenUp(work, { signal, graceMs: STOPPING_MS, clock: wakefulClock, report });
    if (signal.reason instanceof CallbackError) throw signal.reason;
    return result;
  } catch (thrown) {
    const { seeded } = opened;
    // The work that hangs may never end, so that nothing else would close these.
    if (thrown instanceof GivenUpError)
      inBackground(closeOpened(opened, wakefulClock), 'close what was given up', report);
    if (thrown instanceof GivenUpError && seeded !== undefined && !(signal.reason instanceof CallbackError)) {
      report(thrown, 'stop seeding');
      return seeded;
    }
    throw explain(toError(thrown), signal, phase);
  } finally {
    stop.forget();
  }
}

/** The things that must be closed in the end, as far as they were opened. */
interface Opened {
  disk?: Disk;
  session?: Session;
  /** The result, once everything was delivered and is seeded. */
  seeded?: GetResult;
}

/** The calls of a `get` to its caller. */
interface Calls extends Pick<DownloadResources, 'report' | 'debug' | 'signal' | 'tell'> {
  readonly onDelivered: (result: GetResult) => void;
}

/** Gets the file, and closes everything in the end. @throws the error that ended it, unchanged */
async function getAndClose(
  machine: Machine,
  wanted: GetOptions,
  opened: Opened,
  calls: Calls,
): Promise<GetResult> {
  const { report, signal } = calls;
  const { clock, wakefulClock, random, trackerPorts: ports } = machine;
  const shared = { clock, random, report, peerId: machine.makePeerId() };
  const startedAt = clock.now();
  try {
    signal.throwIfAborted();
    const preallocation = wanted.preallocation ?? defaultOf(CLIENT_SETTINGS.preallocation);
    const disk = machine.openDisk({ preallocation, clock, report });
    opened.disk = disk;
    opened.session = await Session.open({
      ...shared,
      network: machine.makeNetwork({ report }),
      makeTrees: disk.makeTrees,
      host: wanted.bind ?? wanted.host,
      port: wanted.port ?? 0,
      limits: wanted.limits,
    });
    const { result, seed } = await getWith(
      { ...wanted, signal },
      {
        ...shared,
        ...calls,
        session: opened.session,
        disk,
        ports,
        wakefulClock,
        trustTrackers: wanted.trustTrackers ?? false,
        trackerPatienceMs: wanted.trackerPatienceMs ?? defaultOf(CLIENT_SETTINGS.trackerPatienceMs),
        wait: wanted.wait ?? false,
        stallMs: wanted.stallMs ?? (wanted.torrent === undefined ? DEFAULT_STALL_MS : 0),
        seeding: seedingRuleOf(wanted),
      },
    );
    const delivered = { ...result, seconds: (clock.now() - startedAt) / 1000 };
    calls.onDelivered(delivered);
    if (seed === undefined) return delivered;
    opened.seeded = delivered;
    return { ...delivered, seeding: await seed() };
  } finally {
    await closeOpened(opened, wakefulClock).catch((thrown: unknown) => report(toError(thrown), 'close'));
  }
}

async function closeOpened({ disk, session }: Opened, clock: Clock): Promise<void> {
  await closeAll(
    [
      { name: 'the session', close: () => session?.close() },
      { name: 'the hashing threads', close: () => disk?.close() },
    ],
    closeLimit(clock),
  );
}

/** Tries one torrent after the other: the tracker's word may be wrong, but not the wanted size and SHA-256. */
async function getWith(options: GetOptions, resources: DownloadResources): Promise<WholeOutput> {
  let mismatch: GetError | undefined;
  const tellsAtOnce = resources.wait && options.torrent === undefined;
  for await (const candidate of candidates(options, resources)) {
    // The last one ends the `get`, which tells it.
    if (mismatch !== undefined && !tellsAtOnce) resources.report(mismatch, USE_A_TORRENT);
    reportWarnings(candidate.metainfo, resources.report);
    try {
      return await getCandidate(candidate, options, resources);
    } catch (thrown) {
      if (!(thrown instanceof GetError) || !WRONG_TORRENT.has(thrown.code)) throw thrown;
      if (tellsAtOnce) resources.report(thrown, USE_A_TORRENT);
      mismatch = thrown;
    }
  }
  throw mismatch ?? new GetError('NOT_FOUND', 'No torrent that the tracker names could be used');
}

/** The attempt that a wrong torrent has ended, for messages. */
const USE_A_TORRENT = 'use a torrent';

/** The failures of a torrent after which the next one that the tracker names is tried. */
const WRONG_TORRENT: ReadonlySet<GetErrorCode> = new Set(['MISMATCH', 'BAD_TORRENT']);

async function* candidates(
  options: GetOptions,
  resources: DownloadResources,
): AsyncGenerator<TorrentCandidate> {
  if (options.torrent !== undefined) {
    yield candidateOf(options.torrent, options);
    return;
  }
  resources.tell({ phase: 'looking-up', done: 0, total: 0, downloadRate: 0, uploadRate: 0, peers: 0 });
  const lookUp = (at: LookUpResources) => candidatesAt(options.tracker!, options, at);
  yield* resources.wait ? whenThereIsASeeder(lookUp, resources) : lookUp(resources);
}
