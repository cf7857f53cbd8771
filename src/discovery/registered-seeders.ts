import type { Address } from '../util/index.ts';
import type { PeerSource } from './peer-source.ts';

/** Tells of the seeders that the registry of the user's tracker named when the torrent was looked up. */
export class RegisteredSeeders implements PeerSource {
  readonly #seeders: readonly Address[];
  readonly #onPeers: (peers: readonly Address[]) => void;

  constructor(seeders: readonly Address[], onPeers: (peers: readonly Address[]) => void) {
    this.#seeders = seeders;
    this.#onPeers = onPeers;
  }

  start(): void {
    if (this.#seeders.length > 0) this.#onPeers(this.#seeders);
  }

  async close(): Promise<void> {}
}
