import type { Session } from '../session/index.ts';
import { type Clock, type Closer, closeAll, inBackground, type ReportError } from '../util/index.ts';
import type { Offer } from './offer.ts';
import { OldVersions } from './old-versions.ts';
import { isSameOffer } from './same-offer.ts';
import type { ServedOffer } from './serve-offer.ts';

/** The options of {@link ServedOffers}. */
export interface ServedOffersOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly report: ReportError;
  /** Puts an offer into the session. */
  readonly serve: (offer: Offer) => ServedOffer;
  /** Called with each offer that is served from now on. */
  readonly onServed: (offer: Offer) => void;
  /** Called with each offer that is not served any more. */
  readonly onStopped: (offer: Offer) => void;
  readonly onDebug: (message: string) => void;
}

/**
 * The offers of a seeder: those that are served, those in reserve, and former versions of folders. An info-hash is served
 * once. A former version is served on, but is not registered any more, while somebody downloads it.
 */
export class ServedOffers {
  readonly #options: ServedOffersOptions;
  readonly #served = new Map<Offer, ServedOffer>();
  /** The offers whose info-hash is already served from other files, which have the same name and content. */
  readonly #spare = new Set<Offer>();
  /** The former versions that are served on, with the functions that forget them. */
  readonly #former = new Map<Offer, ServedOffer & { readonly forget: () => void }>();
  readonly #oldVersions: OldVersions;

  constructor(options: ServedOffersOptions) {
    this.#options = options;
    this.#oldVersions = new OldVersions(options);
  }

  /** The offers that are served, without former versions. */
  get offers(): readonly Offer[] {
    return [...this.#served.keys()];
  }

  /** The paths of the offers that are served or in reserve. */
  get paths(): readonly string[] {
    return [...this.#served.keys(), ...this.#spare].map(({ path }) => path);
  }

  /** The sums of all torrents, former versions among them. */
  get stats() {
    const total = { uploaded: 0, uploadRate: 0, peers: 0 };
    for (const { torrent } of [...this.#served.values(), ...this.#former.values()]) {
      const { uploaded, uploadRate, peers } = torrent.stats;
      total.uploaded += uploaded;
      total.uploadRate += uploadRate;
      total.peers += peers;
    }
    return total;
  }

  /** The parts to close, besides the session, when the seeder ends. */
  get closers(): readonly Closer[] {
    return [...this.#served.values(), ...this.#former.values()].flatMap(({ closers }) => closers);
  }

  has(offer: Offer): boolean {
    return this.#served.has(offer);
  }

  /** Serves an offer, or keeps it in reserve while another offer with the same info-hash is served. */
  add(offer: Offer): void {
    const { session, serve, onServed } = this.#options;
    if (session.has(offer.metainfo)) {
      this.#spare.add(offer);
      return;
    }
    this.#served.set(offer, serve(offer));
    onServed(offer);
  }

  /** Stops serving an offer that is served. */
  remove(offer: Offer): void {
    this.#stop(offer, this.#served.get(offer)!);
    this.#served.delete(offer);
  }

  /** Serves the offers in reserve whose info-hash is not served any more. They are checked when they are read. */
  useSpare(): void {
    for (const offer of this.#spare) {
      if (this.#options.session.has(offer.metainfo)) continue;
      this.#spare.delete(offer);
      this.add(offer);
    }
  }

  /**
   * Serves a new version of what is at a path. The one before is served on while somebody downloads it and its files are there.
   *
   * @returns whether it is another torrent than before; otherwise only the times of files have changed
   */
  replace(offer: Offer): boolean {
    for (const [before, served] of this.#served) {
      if (before.path !== offer.path) continue;
      // Only inodes or folders have changed, for instance by `chmod`: those who download stay connected.
      if (isSameOffer(before, offer)) return false;
      this.#served.delete(before);
      if (before.metainfo.infoHash === offer.metainfo.infoHash) {
        this.#stop(before, served);
        this.add(offer);
        return false;
      }
      const forget = () => this.#oldVersions.forget(served.torrent);
      this.#former.set(before, { ...served, forget });
      this.#oldVersions.add(served.torrent, () => this.endFormer(before));
    }
    // A version before the last may have come back.
    for (const before of this.#former.keys()) {
      if (before.metainfo.infoHash === offer.metainfo.infoHash) this.endFormer(before);
    }
    this.add(offer);
    return true;
  }

  /** Stops serving a former version. Does nothing for another offer. */
  endFormer(offer: Offer): void {
    const former = this.#former.get(offer);
    if (former === undefined) return;
    this.#former.delete(offer);
    former.forget();
    this.#stop(offer, former);
    this.#options.onDebug(
      `The former version ${offer.metainfo.infoHash} of ${offer.path} is not served any more`,
    );
  }

  /** Ends the watch over former versions. The caller closes the session and the {@link closers}. */
  close(): void {
    this.#oldVersions.close();
  }

  #stop(offer: Offer, { torrent, closers }: ServedOffer): void {
    const { session, report, onStopped } = this.#options;
    onStopped(offer);
    const closing = closeAll([{ name: offer.path, close: () => session.remove(torrent) }, ...closers]);
    inBackground(closing, `stop seeding ${offer.path}`, report);
  }
}
