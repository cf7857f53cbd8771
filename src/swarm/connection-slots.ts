import { type Origin, originOf } from './origin.ts';

/** Connections open or being opened, over all torrents of a session. */
export const DEFAULT_MAX_CONNECTIONS = 500;
/** Milliseconds without use after which a connection gives way to a newcomer when all slots are taken. */
export const IDLE_UNDER_PRESSURE_MS = 5_000;
/** The same for an address that is to be dialed, and may not answer. */
export const IDLE_AFTER_MS = 30_000;

/** A connection that takes a slot, and what decides whether it has to give it up to a newcomer. */
export interface SlotHolder {
  /** The address at the other end. */
  readonly host: string;
  /** When it came to hold a slot. */
  readonly cameAt: number;
  /** Bytes of blocks that went over it in either direction. */
  readonly movedBytes: number;
  /** Milliseconds for which it has been of no use; 0 while it is of use. */
  idleMs(now: number): number;
  /** Its slot is taken from it: it closes. */
  giveWay(): void;
}

/**
 * Counts connections against a limit. While there is room, anybody gets a slot. When there is none, a newcomer gets that
 * of a connection of no use, or else one of those who hold most: never a slot of somebody who would then hold fewer than
 * the newcomer. So nobody keeps others out, however many connections he opens, from one address or one network.
 */
export class ConnectionSlots<H extends SlotHolder = SlotHolder> {
  readonly #limit: number;
  readonly #idleAfterMs: number;
  /** Oldest first. */
  readonly #holders = new Map<H, Origin>();
  /** How many slots each site and each network holds. */
  readonly #sites = new Map<string, number>();
  readonly #networks = new Map<string, number>();

  /** @param idleAfterMs without use after which a slot goes to a newcomer */
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

  /** Those that hold a slot, the oldest first. */
  get holders(): Iterable<H> {
    return this.#holders.keys();
  }

  /** Whether a connection with this host would get a slot now. */
  hasRoomFor(host: string, now: number): boolean {
    return this.canOpen || this.#findFor(originOf(host), now) !== undefined;
  }

  /** Takes a slot from another connection if all are taken. @returns whether there is one for a connection with this host */
  makeRoomFor(host: string, now: number): boolean {
    if (this.canOpen) return true;
    const holder = this.#findFor(originOf(host), now);
    if (holder !== undefined) this.#takeFrom(holder);
    return holder !== undefined;
  }

  /**
   * Takes a slot from a connection of no use, or from one that never was of use, of a site with several, for a connection
   * that is to be opened to an address that may not answer.
   *
   * @param holders those to choose from
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

  take(holder: H): void {
    const origin = originOf(holder.host);
    this.#holders.set(holder, origin);
    add(this.#sites, origin.site, 1);
    add(this.#networks, origin.network, 1);
  }

  /** Gives a slot back; does nothing when it was given back or taken away before. */
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

  /** Finds whose slot a newcomer gets. */
  #findFor(newcomer: Origin, now: number): H | undefined {
    let best: H | undefined;
    for (const [holder, origin] of this.#holders) {
      // A slot that is in use changes hands only where it makes shares more equal, or two could take it from each other for ever.
      const margin = this.#isIdle(holder, now) ? 0 : 1;
      if (!this.#holdsMore(origin, newcomer, margin)) continue;
      if (best === undefined || this.#goesBefore(holder, best, now)) best = holder;
    }
    return best;
  }

  /** Whether a holder's network, or within one network its site, holds more than `margin` slots more than the newcomer's. */
  #holdsMore(holder: Origin, newcomer: Origin, margin: number): boolean {
    if (holder.network !== newcomer.network) {
      return countOf(this.#networks, holder.network) > countOf(this.#networks, newcomer.network) + margin;
    }
    // An idle connection may always give way to another one of the same site.
    if (holder.site === newcomer.site) return margin === 0;
    return countOf(this.#sites, holder.site) > countOf(this.#sites, newcomer.site) + margin;
  }

  #isIdle(holder: H, now: number): boolean {
    return holder.idleMs(now) > this.#idleAfterMs;
  }

  /** Whether `one` has to go sooner than `other`, which is older. */
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

function countOf(counts: ReadonlyMap<string, number>, key: string): number {
  return counts.get(key) ?? 0;
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = countOf(counts, key) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
