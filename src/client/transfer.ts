import type { Completion, Torrent } from '../session/index.ts';
import type { Storage } from '../storage/index.ts';
import { Announcer, announce, TrackerError } from '../tracker-client/index.ts';
import { toError } from '../util/index.ts';
import type { DownloadResources, Moved } from './download-resources.ts';
import type { Candidate } from './find.ts';
import { GetError } from './get-error.ts';
import { PROGRESS_MS } from './paced.ts';

export interface TransferOptions {
  readonly storage: Storage;
  readonly completion: Completion;
  /** A piece is checked and written. */
  readonly onPiece: (index: number) => void;
}

/** A torrent in the session, its announces and its progress, until it is whole. */
export class Transfer {
  readonly #candidate: Candidate;
  readonly #resources: DownloadResources;
  readonly #torrent: Torrent;
  readonly #announcer: Announcer;
  /** Trackers that failed and have not answered since. */
  readonly #failed = new Map<string, Error>();
  #cancelProgress = () => {};
  #stop: (outcome: Error | undefined) => void = () => {};
  readonly #outcome: Promise<Error | undefined>;

  constructor(candidate: Candidate, options: TransferOptions, resources: DownloadResources) {
    const { metainfo, tiers, peers } = candidate;
    const { session, report } = resources;
    this.#candidate = candidate;
    this.#resources = resources;
    this.#outcome = new Promise((resolve) => {
      this.#stop = resolve;
    });
    this.#torrent = session.add({
      metainfo,
      ...options,
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
    this.#tell();
    this.#tellLater();
    if (!wasComplete) this.#start();
    const error = await this.#outcome;
    signal.removeEventListener('abort', onAbort);
    this.#cancelProgress();
    this.#tell();
    if (error !== undefined) throw error;
    if (!wasComplete) this.#announcer.completed();
  }

  /** Ends it early. */
  fail(error: Error): void {
    this.#stop(error);
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
