import type { PeerConnection } from '../swarm/index.ts';
import type { TorrentStats } from './torrent-options.ts';

/** The figures of a torrent that are sums over its peers. */
export type PeerTotals = Omit<TorrentStats, 'left' | 'known' | 'failedPieces' | 'storing'>;

/** Adds up the figures of all peers of a torrent, with those that are gone. */
export class TorrentTotals {
  #downloaded = 0;
  #uploaded = 0;
  #sources = 0;

  /** Adds the figures of a peer that is gone to the totals. */
  left({ session }: PeerConnection): void {
    this.#downloaded += session.downloadedBytes;
    this.#uploaded += session.uploadedBytes;
    this.#sources += Number(session.downloadedBytes > 0);
  }

  /** Returns the totals. @param connected the peers that are not gone */
  with(connected: ReadonlySet<PeerConnection>): PeerTotals {
    const peers = [...connected];
    const sum = (of: (peer: PeerConnection) => number) => peers.reduce((total, peer) => total + of(peer), 0);
    return {
      downloaded: this.#downloaded + sum(({ session }) => session.downloadedBytes),
      uploaded: this.#uploaded + sum(({ session }) => session.uploadedBytes),
      downloadRate: sum(({ downloadRate }) => downloadRate),
      uploadRate: sum(({ uploadRate }) => uploadRate),
      peers: peers.length,
      seeds: sum(({ isSeed }) => Number(isSeed)),
      interesting: sum(({ session }) => Number(session.amInterested)),
      sources: this.#sources + sum(({ session }) => Number(session.downloadedBytes > 0)),
    };
  }
}
