import { Discovery } from '../discovery/index.ts';
import type { Session, Torrent } from '../session/index.ts';
import { announceByTrust, announceUrlOf, describeNoTracker, printableUrl } from '../tracker-client/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import type { Offer } from './offer.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { SeederError } from './seeder-error.ts';
import type { SeederOptions } from './seeder-options.ts';

/** The parts that announces use. */
export interface TorrentAnnouncesOptions {
  readonly options: SeederOptions;
  /** The addresses of the seeder's trackers, each once. */
  readonly trackers: readonly string[];
  readonly session: Session;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}

/** The announces of torrents that were made elsewhere to the trackers that they name. */
export class TorrentAnnounces {
  readonly #options: TorrentAnnouncesOptions;
  readonly #failures: RepeatedFailures;

  constructor(options: TorrentAnnouncesOptions) {
    this.#options = options;
    this.#failures = new RepeatedFailures(options);
  }

  /** Starts to announce a torrent. @returns the announces, which the caller closes; `undefined` when it was made by the seeder */
  start({ source, metainfo }: Offer, torrent: Torrent): Discovery | undefined {
    if (source.kind !== 'torrent') return undefined;
    const { session, options, trackers, report } = this.#options;
    if (metainfo.announceList.length === 0 && trackers.length === 0) {
      const names = describeNoTracker(metainfo.otherTrackers);
      const message = `The torrent ${names} and none is given, for example by --tracker: no peer will learn of it`;
      report(new SeederError('UNANNOUNCED', message), `announce ${metainfo.name}`);
    }
    const discovery = new Discovery({
      ...this.#options,
      torrent,
      tiers: metainfo.announceList,
      port: session.address.port,
      announce: announceByTrust({
        byUser: trackers.map(announceUrlOf),
        trustTrackers: options.trustTrackers,
      }),
      onFailure: (url, error) =>
        this.#failures.tell(error, `announce ${metainfo.name} to ${printableUrl(url)}`),
    });
    discovery.start();
    return discovery;
  }
}
