import type { PeerConnection } from '../swarm/index.ts';
import type { TorrentStats } from './torrent-options.ts';

/** The part of the figures of a torrent that its peers make. */
export type PeerTotals = Omit<TorrentStats, 'left' | 'known' | 'failedPieces'>;

/** Counts what the peers of a torrent gave and took, those that are gone included. */
export class TorrentTotals {
  #downloaded = 0;
  #uploaded = 0;
  #sources = 0;

  /** The peer is gone: what it gave and took stays counted. */
  left({ session }: PeerConnection): void {
    this.#downloaded += session.downloadedBytes;
    this.#uploaded += session.uploadedBytes;
    this.#sources += Number(session.downloadedBytes > 0);
  }

  /** Adds up all peers. @param connected those that have not left */
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
      sources: this.#sources + sum(({ session }) => Number(session.downloadedBytes > 0)),
    };
  }
}
