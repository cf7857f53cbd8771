import { Discovery } from '../discovery/index.ts';
import type { Torrent } from '../session/index.ts';
import type { Storage } from '../storage/index.ts';
import {
  announceByTrust,
  describeNoTracker,
  isUnknownHost,
  type TrackerState,
} from '../tracker-client/index.ts';
import { formatCount, isTimeout, toError } from '../util/index.ts';
import type { OpenPart } from './disk.ts';
import type { DownloadResources, Moved } from './download-resources.ts';
import type { TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';
import { MovableStorage } from './movable-storage.ts';
import { PROGRESS_MS } from './paced.ts';
import { type SeedingEnd, type SeedingRule, seedUntil } from './seed-until.ts';
import { describeSituation, type Situation, situationOf } from './situation.ts';
import { StallWatch, UNVERIFIED_STALLS } from './stall-watch.ts';
import { isWithoutHope } from './tracker-patience.ts';

/** The milliseconds without a peer that has a piece before it is told that the download waits for one. */
const WAITING_TOLD_MS = 5000;

const NOBODY_HAS_IT = 'Nobody who has a piece of it is connected';

/** The part of an `OpenPart` that a transfer needs. */
type TransferredPart = Pick<OpenPart, 'storage'> & Partial<Pick<OpenPart, 'completion' | 'pieceLanded'>>;

/** The transfer of a torrent until it is whole, and its seeding after that: its place in the session, its announces and its progress. */
export class Transfer {
  readonly #candidate: TorrentCandidate;
  readonly #resources: DownloadResources;
  readonly #torrent: Torrent;
  readonly #discovery: Discovery;
  readonly #storage: MovableStorage;
  #isStarted = false;
  #hasFailed = false;
  /** The last time at which a peer was connected, or the start of the transfer. */
  #reachedAt: number;
  readonly #startedAt: number;
  readonly #stallWatch: StallWatch;
  /** Whether no peer with a missing piece was connected yet, and it is to wait for one. */
  #isWaiting: boolean;
  #wasSourceSeen = false;
  #cancelProgress = () => {};
  #stop: (outcome: Error | undefined) => void = () => {};
  readonly #outcome: Promise<Error | undefined>;

  /** @param part the part to complete; without a `completion` it is whole already */
  constructor(candidate: TorrentCandidate, part: TransferredPart, resources: DownloadResources) {
    const { metainfo, tiers, ownTrackers, peers } = candidate;
    const { session, ports, report, debug, trustTrackers } = resources;
    this.#candidate = candidate;
    this.#resources = resources;
    this.#startedAt = resources.clock.now();
    this.#reachedAt = this.#startedAt;
    this.#isWaiting = resources.wait;
    this.#outcome = new Promise((resolve) => {
      this.#stop = resolve;
    });
    this.#storage = new MovableStorage(part.storage);
    this.#torrent = session.add({
      metainfo,
      storage: this.#storage,
      ...(part.completion !== undefined && { completion: part.completion }),
      onPieceVerified: (index) => {
        part.pieceLanded?.(index);
        if (this.#torrent.isFinished && !this.#torrent.isComplete) this.#stop(undefined);
      },
      onComplete: () => this.#stop(undefined),
      onFailed: (error) => {
        this.#hasFailed = true;
        if (this.#torrent.isComplete) report(error, `seed ${metainfo.name}`);
        this.#stop(error);
      },
      onBadPeer: (name, error) => report(error, `download from ${name}`),
      onDebug: debug,
    });
    this.#discovery = new Discovery({
      ...resources,
      torrent: this.#torrent,
      seeders: peers,
      tiers,
      ownTrackers,
      port: session.address.port,
      announce: announceByTrust({ byUser: ownTrackers, trustTrackers, ports }),
      onFailure: (_, error) => {
        report(error, 'ask for peers');
        this.#giveUpIfHopeless();
      },
    });
    this.#stallWatch = new StallWatch(resources.stallMs, this.#torrent.stats, this.#startedAt);
  }

  get moved(): Moved {
    return this.#torrent.stats;
  }

  /** Waits until all wanted pieces are there. @throws the error that ended it: the signal's reason, a StorageError, a GetError */
  async untilFinished(): Promise<void> {
    const { signal } = this.#resources;
    const wasFinished = this.#torrent.isFinished;
    const onAbort = () => this.#stop(this.#explainAbort(toError(signal.reason)));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#tell();
    this.#tellLater();
    if (wasFinished) this.#stop(undefined);
    else this.#start();
    const error = await this.#outcome;
    signal.removeEventListener('abort', onAbort);
    this.#cancelProgress();
    this.#tell();
    if (error !== undefined) throw error;
    if (!wasFinished && this.#torrent.isComplete) this.#discovery.completed();
  }

  /** Ends the transfer early. */
  fail(error: Error): void {
    this.#stop(error);
  }

  /** Lets peers wait for blocks from now on, while the files get their final place. */
  holdReads(): void {
    this.#storage.hold();
  }

  /**
   * Seeds the whole torrent until the rule says that it is enough, or the signal aborts.
   *
   * @param storage the files at their final place; the caller closes it after `close()`
   */
  async seed(storage: Storage, rule: SeedingRule): Promise<SeedingEnd> {
    this.#storage.moveTo(storage);
    if (!this.#isStarted) this.#discovery.start();
    this.#isStarted = true;
    return await seedUntil(this.#candidate, {
      ...this.#resources,
      rule,
      stats: () => this.#torrent.stats,
      hasFailed: () => this.#hasFailed,
    });
  }

  async close(): Promise<void> {
    this.#cancelProgress();
    this.#storage.abandon();
    await Promise.all([this.#discovery.close(), this.#resources.session.remove(this.#torrent)]);
  }

  #start(): void {
    const { tiers, ownTrackers, peers, metainfo } = this.#candidate;
    this.#isStarted = true;
    this.#discovery.start();
    if (tiers.flat().length + ownTrackers.length + peers.length === 0) {
      const names = describeNoTracker(metainfo.otherTrackers);
      const message = `Nobody can be asked for ${metainfo.name}: the torrent ${names}, and none is given, for example by --tracker`;
      this.#stop(new GetError('UNREACHABLE', message));
    }
  }

  #giveUpIfHopeless(): void {
    const { clock, trackerPatienceMs, wait } = this.#resources;
    const { peers, known } = this.#torrent.stats;
    const trackers = wait ? this.#discovery.trackers.map(withHope) : this.#discovery.trackers;
    const patienceMs = wait ? Number.POSITIVE_INFINITY : trackerPatienceMs;
    const now = clock.now();
    if (peers > 0) this.#reachedAt = now;
    if (!isWithoutHope({ trackers, known, reachedAt: this.#reachedAt }, now, patienceMs)) return;
    const situation = this.#situation();
    const message = `No peer could be reached, and no tracker asked for peers: ${describeSituation(situation)}`;
    this.#stop(new GetError('UNREACHABLE', message, { cause: trackers.at(-1)?.error, situation }));
  }

  /** Explains a deadline that has passed by the reasons why nobody answered. Any other error is returned unchanged. */
  #explainAbort(reason: Error): Error {
    if (!isTimeout(reason)) return reason;
    const situation = this.#situation();
    const what = this.#isWaiting ? 'No seeder appeared in time' : 'The file was not there in time';
    const message = `${what}: ${describeSituation(situation)}`;
    return new GetError('TIMED_OUT', message, { cause: reason, situation });
  }

  /** Gives up when nothing has come for too long, which is no wait for a seeder. */
  #giveUpIfStalled(): void {
    const { stats } = this.#torrent;
    const now = this.#resources.clock.now();
    if (stats.interesting > 0) this.#wasSourceSeen = true;
    if (this.#wasSourceSeen) this.#isWaiting = false;
    if (this.#isWaiting) this.#stallWatch.restart(stats, now);
    else if (this.#stallWatch.isStalled(stats, now)) this.#stop(this.#explainStall(stats.storing));
  }

  #explainStall(storing: number): GetError {
    const { isIdle } = this.#stallWatch;
    const situation = this.#situation();
    const seconds = (this.#resources.stallMs * (isIdle ? 1 : UNVERIFIED_STALLS)) / 1000;
    if (isIdle && storing > 0) {
      const pieces = formatCount(storing, 'piece');
      const message = `Nothing was written for ${seconds} s: ${pieces} that came could not be checked and written, so a disk or mount may hang`;
      return new GetError('DISK', message, { situation });
    }
    const what = isIdle ? `Nothing came for ${seconds} s` : `No whole piece came for ${seconds} s`;
    const seen = this.#wasSourceSeen ? '' : ', and nobody had a piece that is missing';
    return new GetError('STALLED', `${what}${seen}: ${describeSituation(situation)}`, { situation });
  }

  #situation(): Situation {
    return situationOf(this.#torrent.peerSummary, this.#discovery.trackers);
  }

  #tellLater(): void {
    this.#cancelProgress = this.#resources.clock.setTimer(PROGRESS_MS, () => {
      this.#tell();
      this.#discovery.setNeedsPeers(this.#torrent.stats.peers === 0);
      this.#giveUpIfHopeless();
      this.#giveUpIfStalled();
      this.#tellLater();
    });
  }

  #tell(): void {
    const { metainfo } = this.#candidate;
    const { left, downloadRate, uploadRate, peers } = this.#torrent.stats;
    const { clock, tell } = this.#resources;
    const waitedMs = this.#isWaiting ? clock.now() - this.#startedAt : 0;
    tell({
      ...(waitedMs < WAITING_TOLD_MS
        ? { phase: 'downloading' }
        : { phase: 'waiting', waitingFor: NOBODY_HAS_IT, waited: Math.round(waitedMs / 1000) }),
      name: metainfo.name,
      done: metainfo.length - left,
      total: metainfo.length,
      downloadRate,
      uploadRate,
      peers,
    });
  }
}

/** Sees a tracker without a host of its name as one that may still come, for a download that waits. */
function withHope(tracker: TrackerState): TrackerState {
  return isUnknownHost(tracker.error) ? { ...tracker, isHopeless: false } : tracker;
}
