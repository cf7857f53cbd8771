import { type Origin, type OriginKey, originOf } from './origin.ts';

/** The number of connections, open or being opened, of all torrents of a session. */
export const DEFAULT_MAX_CONNECTIONS = 500;
/** The milliseconds without use after which a connection may lose its slot to a new one when all slots are taken. */
export const IDLE_UNDER_PRESSURE_MS = 5_000;
/** The milliseconds without use after which a connection may lose its slot to an address that is to be dialed. */
export const IDLE_AFTER_MS = 30_000;

/** A connection that holds a slot, with the figures that decide whether it has to give the slot to a new one. */
export interface SlotHolder {
  /** The address at the other end. */
  readonly host: string;
  /** The time at which it got its slot, in milliseconds on the session's clock. */
  readonly cameAt: number;
  /** The bytes of blocks that it carried in both directions. */
  readonly movedBytes: number;
  /** Returns the milliseconds for which it has been of no use; 0 while it is of use. */
  idleMs(now: number): number;
  /** Closes the connection, because its slot was given to another one. */
  giveWay(): void;
}

/**
 * Counts connections against a limit. While there is room, every connection gets a slot. When there is none, a new one
 * takes the slot of a connection that is of no use, or else a slot of the site or network that holds most. It never takes
 * a slot from a site or network that would then hold fewer than its own. So nobody can keep others out by opening many
 * connections, whether from one address or from one network.
 */
export class ConnectionSlots<H extends SlotHolder = SlotHolder> {
  readonly #limit: number;
  readonly #idleAfterMs: number;
  /** The connections that hold a slot with their origins, the oldest first. */
  readonly #holders = new Map<H, Origin>();
  /** The number of slots that each {@link Origin.site} holds. */
  readonly #sites = new Map<OriginKey, number>();
  /** The number of slots that each {@link Origin.network} holds. */
  readonly #networks = new Map<OriginKey, number>();

  /** @param idleAfterMs the milliseconds without use after which a connection may lose its slot to a new one */
  constructor(limit = DEFAULT_MAX_CONNECTIONS, idleAfterMs = IDLE_UNDER_PRESSURE_MS) {
    this.#limit = limit;
    this.#idleAfterMs = idleAfterMs;
  }

  get taken(): number {
    return this.#holders.size;
  }

  get canOpen(): boolean {
    return this.#holders.size < this.#limit;
  }

  /** The connections that hold a slot, the oldest first. */
  get holders(): Iterable<H> {
    return this.#holders.keys();
  }

  /** Tells whether a new connection with this host would get a slot now. */
  hasRoomFor(host: string, now: number): boolean {
    return this.canOpen || this.#findFor(originOf(host), now) !== undefined;
  }

  /** Makes a slot free for a connection with this host, if need be by closing another one. @returns whether one is free */
  makeRoomFor(host: string, now: number): boolean {
    if (this.canOpen) return true;
    const holder = this.#findFor(originOf(host), now);
    if (holder !== undefined) this.#takeFrom(holder);
    return holder !== undefined;
  }

  /**
   * Makes a slot free to dial an address, if there is a connection to close for it: one that is of no use, or one of
   * several of its site that has carried no block. The bar is higher than for a new connection that came to us, because
   * the address that is dialed may not respond.
   *
   * @param holders the connections that may be closed
   */
  makeRoomToDial(holders: Iterable<H>, now: number): void {
    if (this.canOpen) return;
    let best: H | undefined;
    for (const holder of holders) {
      const origin = this.#holders.get(holder);
      if (origin === undefined) continue;
      const isUnproven = holder.movedBytes === 0 && now - holder.cameAt > IDLE_UNDER_PRESSURE_MS;
      const isUseless = isUnproven && countOf(this.#sites, origin.site) > 1;
      if (!isUseless && holder.idleMs(now) <= IDLE_AFTER_MS) continue;
      if (best === undefined || this.#goesBefore(holder, best, now)) best = holder;
    }
    if (best !== undefined) this.#takeFrom(best);
  }

  /** Gives a connection a slot, whether or not there is room. */
  take(holder: H): void {
    const origin = originOf(holder.host);
    this.#holders.set(holder, origin);
    add(this.#sites, origin.site, 1);
    add(this.#networks, origin.network, 1);
  }

  /** Frees the slot of a connection. Does nothing when the connection has none any more. */
  release(holder: H): void {
    const origin = this.#holders.get(holder);
    if (origin === undefined) return;
    this.#holders.delete(holder);
    add(this.#sites, origin.site, -1);
    add(this.#networks, origin.network, -1);
  }

  #takeFrom(holder: H): void {
    this.release(holder);
    holder.giveWay();
  }

  /** Finds the connection that has to give its slot to a new one; `undefined` when there is none. */
  #findFor(newcomer: Origin, now: number): H | undefined {
    let best: H | undefined;
    for (const [holder, origin] of this.#holders) {
      // A slot in use moves only where that makes the shares more equal. Otherwise two could take it from each other for ever.
      const margin = this.#isIdle(holder, now) ? 0 : 1;
      if (!this.#holdsMore(origin, newcomer, margin)) continue;
      if (best === undefined || this.#goesBefore(holder, best, now)) best = holder;
    }
    return best;
  }

  /** Tells whether the network of a holder, or its site in the same network, has over `margin` slots more than the newcomer's. */
  #holdsMore(holder: Origin, newcomer: Origin, margin: number): boolean {
    if (holder.network !== newcomer.network) {
      return countOf(this.#networks, holder.network) > countOf(this.#networks, newcomer.network) + margin;
    }
    // An idle connection may always lose its slot to another one of the same site.
    if (holder.site === newcomer.site) return margin === 0;
    return countOf(this.#sites, holder.site) > countOf(this.#sites, newcomer.site) + margin;
  }

  #isIdle(holder: H, now: number): boolean {
    return holder.idleMs(now) > this.#idleAfterMs;
  }

  /** Tells whether `one` is to lose its slot before `other`, which is older. */
  #goesBefore(one: H, other: H, now: number): boolean {
    const isIdle = this.#isIdle(one, now);
    if (isIdle !== this.#isIdle(other, now)) return isIdle;
    const [ours, theirs] = [this.#holders.get(one)!, this.#holders.get(other)!];
    const networks = countOf(this.#networks, ours.network) - countOf(this.#networks, theirs.network);
    if (networks !== 0) return networks > 0;
    const sites = countOf(this.#sites, ours.site) - countOf(this.#sites, theirs.site);
    if (sites !== 0) return sites > 0;
    return one.movedBytes < other.movedBytes;
  }
}

function countOf(counts: ReadonlyMap<OriginKey, number>, key: OriginKey): number {
  return counts.get(key) ?? 0;
}

function add(counts: Map<OriginKey, number>, key: OriginKey, change: number): void {
  const count = countOf(counts, key) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
