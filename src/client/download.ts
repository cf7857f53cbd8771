import type { HashPool } from '../hashing/index.ts';
import type { Session, Torrent } from '../session/index.ts';
import { discardPart, FileStorage, type OpenFiles, type Part, preparePart } from '../storage/index.ts';
import { Announcer, announce, TrackerError } from '../tracker-client/index.ts';
import { Bitfield, type Clock, closeAll, type Random, type ReportError, toError } from '../util/index.ts';
import type { Candidate } from './find.ts';
import { GetError } from './get-error.ts';
import type { GetProgress } from './get-options.ts';

/** How often progress is told. */
const PROGRESS_MS = 1000;

/** What a download works with. */
export interface DownloadResources {
  readonly session: Session;
  readonly pool: HashPool;
  readonly openFiles: OpenFiles;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  readonly signal: AbortSignal;
  readonly tell: (progress: GetProgress) => void;
}

/** What a download has moved. */
export interface Moved {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly sources: number;
}

/**
 * Brings a part to the whole torrent, every piece checked, synced to disk and closed; goes on from what an earlier try
 * left there. When it fails the part stays if any piece of it is good.
 *
 * @throws {GetError} MISMATCH when the whole file is not what was asked for: the part is removed then
 */
export async function download(
  candidate: Candidate,
  part: Part,
  resources: DownloadResources,
): Promise<Moved> {
  const { metainfo } = candidate;
  const have = await checkEarlierTry(candidate, part, resources);
  const storage = new FileStorage({ files: part.files, mode: 'write', openFiles: resources.openFiles });
  const transfer = new Transfer(candidate, storage, have, resources);
  try {
    await transfer.untilComplete();
    await storage.sync();
    await checkWhole(candidate, part, resources);
    return transfer.moved;
  } catch (thrown) {
    // Nothing of it is worth keeping; a mismatch removed it as well.
    if (have.isEmpty && metainfo.pieceCount > 0) await transfer.close().then(() => discardPart(part));
    throw thrown;
  } finally {
    await closeAll([
      { name: 'the transfer', close: () => transfer.close() },
      { name: part.path, close: () => storage.close() },
    ]).catch((thrown: unknown) => resources.report(toError(thrown), 'close the download'));
  }
}

/** The pieces that are there already. */
async function checkEarlierTry(
  candidate: Candidate,
  part: Part,
  resources: DownloadResources,
): Promise<Bitfield> {
  const { metainfo } = candidate;
  const { existed } = await preparePart(part);
  if (!existed) return new Bitfield(metainfo.pieceCount);
  const { good } = await resources.pool.verifyFiles(metainfo, part.path, {
    signal: resources.signal,
    onProgress: (done) => resources.tell(progressOf('checking', candidate, done)),
  });
  return good;
}

async function checkWhole(candidate: Candidate, part: Part, resources: DownloadResources): Promise<void> {
  if (candidate.sha256 === undefined) return;
  const found = await resources.pool.sha256File(part.path, {
    signal: resources.signal,
    onProgress: (done) => resources.tell(progressOf('verifying', candidate, done)),
  });
  if (found === candidate.sha256) return;
  await discardPart(part);
  const { name, infoHash } = candidate.metainfo;
  throw new GetError(
    'MISMATCH',
    `What torrent ${infoHash} holds as ${name} is not the file: its SHA-256 is ${found}, not ${candidate.sha256}`,
  );
}

function progressOf(phase: GetProgress['phase'], { metainfo }: Candidate, done: number): GetProgress {
  return {
    phase,
    name: metainfo.name,
    done: Math.min(done, metainfo.length),
    total: metainfo.length,
    downloadRate: 0,
    uploadRate: 0,
    peers: 0,
  };
}

/** A torrent in the session, its announces and its progress, until it is whole. */
class Transfer {
  readonly #candidate: Candidate;
  readonly #resources: DownloadResources;
  readonly #torrent: Torrent;
  readonly #announcer: Announcer;
  /** Trackers that failed and have not answered since. */
  readonly #failed = new Map<string, Error>();
  #cancelProgress = () => {};
  #stop: (outcome: Error | undefined) => void = () => {};
  readonly #outcome: Promise<Error | undefined>;

  constructor(candidate: Candidate, storage: FileStorage, have: Bitfield, resources: DownloadResources) {
    const { metainfo, tiers, peers } = candidate;
    const { session, report } = resources;
    this.#candidate = candidate;
    this.#resources = resources;
    this.#outcome = new Promise((resolve) => {
      this.#stop = resolve;
    });
    this.#torrent = session.add({
      metainfo,
      storage,
      have,
      onComplete: () => this.#stop(undefined),
      onFailed: (error) => this.#stop(error),
      onBadPeer: (name, error) => report(error, `download from ${name}`),
    });
    this.#announcer = new Announcer({
      ...resources,
      tiers,
      infoHashes: this.#torrent.infoHashes,
      port: session.address.port,
      announce,
      stats: () => this.#torrent.stats,
      onPeers: (found) => this.#torrent.addPeers(found),
      onAnswer: (url) => this.#failed.delete(url),
      onFailure: (url, error) => this.#onTrackerFailure(url, error),
    });
    this.#torrent.addPeers(peers);
  }

  get moved(): Moved {
    return this.#torrent.stats;
  }

  /** @throws what ended it early: the signal's reason, a StorageError, a GetError UNREACHABLE */
  async untilComplete(): Promise<void> {
    const { signal } = this.#resources;
    const wasComplete = this.#torrent.isComplete;
    const onAbort = () => this.#stop(toError(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#tellLater();
    if (!wasComplete) this.#start();
    const error = await this.#outcome;
    signal.removeEventListener('abort', onAbort);
    this.#cancelProgress();
    this.#tell();
    if (error !== undefined) throw error;
    if (!wasComplete) this.#announcer.completed();
  }

  async close(): Promise<void> {
    this.#cancelProgress();
    await Promise.all([this.#announcer.close(), this.#resources.session.remove(this.#torrent)]);
  }

  #start(): void {
    const { tiers, peers } = this.#candidate;
    if (tiers.flat().length > 0) this.#announcer.start();
    else if (peers.length === 0) {
      this.#stop(
        new GetError('UNREACHABLE', 'The torrent names no tracker to ask for peers: say which one to ask'),
      );
    }
  }

  /** When every tracker failed and no peer is known, waiting for the deadline helps nobody. */
  #onTrackerFailure(url: string, error: Error): void {
    this.#resources.report(error, 'ask for peers');
    this.#failed.set(url, error);
    const trackers = new Set(this.#candidate.tiers.flat());
    const isAlone = this.#torrent.stats.known === 0 && this.#torrent.stats.peers === 0;
    if (!isAlone || this.#failed.size < trackers.size) return;
    const why = error instanceof TrackerError ? error.message : String(error);
    this.#stop(
      new GetError('UNREACHABLE', `No tracker of ${trackers.size} could be asked for peers: ${why}`, {
        cause: error,
      }),
    );
  }

  #tellLater(): void {
    this.#cancelProgress = this.#resources.clock.setTimer(PROGRESS_MS, () => {
      this.#tell();
      if (this.#torrent.stats.peers === 0) this.#announcer.needPeers();
      this.#tellLater();
    });
  }

  #tell(): void {
    const { metainfo } = this.#candidate;
    const { left, downloadRate, uploadRate, peers } = this.#torrent.stats;
    this.#resources.tell({
      phase: 'downloading',
      name: metainfo.name,
      done: Math.max(0, metainfo.length - left),
      total: metainfo.length,
      downloadRate,
      uploadRate,
      peers,
    });
  }
}
