import type { PeerLink, WsPeer } from './ws-swarm.ts';

/**
 * Peers of one address, or of a /48 over IPv6, that a swarm counts and hands offers to. Further peers of it may make offers,
 * since a university has hundreds behind one address.
 */
export const MAX_WS_PLACES_PER_ADDRESS = 128;
/** Peers of one IPv4 /24 that a swarm counts and hands offers to. */
export const MAX_WS_PLACES_PER_NETWORK = 512;

type Whose = Pick<PeerLink, 'clientKey' | 'network'>;

/** Counts the places that addresses and networks have in a swarm. */
export class WsPlaces {
  readonly #counts = new Map<number | string, number>();

  /** @param peers the peers that have a place already */
  constructor(peers: readonly WsPeer[]) {
    for (const { link } of peers) this.count(link, 1);
  }

  /** Says whether there is a place for one more peer of an address. */
  hasOneFor({ clientKey, network }: Whose): boolean {
    return (
      (this.#counts.get(clientKey) ?? 0) < MAX_WS_PLACES_PER_ADDRESS &&
      (this.#counts.get(network) ?? 0) < MAX_WS_PLACES_PER_NETWORK
    );
  }

  /** Notes a peer that got a place, or lost it. @param change 1 or -1 */
  count({ clientKey, network }: Whose, change: number): void {
    // Over IPv6 both keys are the same.
    for (const key of new Set([clientKey, network])) {
      const count = (this.#counts.get(key) ?? 0) + change;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}
