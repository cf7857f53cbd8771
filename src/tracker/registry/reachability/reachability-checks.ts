import { randomBytes } from 'node:crypto';
import { mayDial, type Network } from '../../../net/index.ts';
import {
  type Clock,
  clientKey,
  type InfoHash,
  inBackground,
  parseIp,
  pause,
  type ReportError,
} from '../../../util/index.ts';
import type { StoredSeeder } from '../catalog/index.ts';
import { answersHandshake, type ExpectedPeer } from './answers-handshake.ts';

/** The milliseconds in which a seeder has to answer the tracker's handshake. */
export const CHECK_TIMEOUT_MS = 4000;
/** The most checks of seeders that the tracker makes at once. */
export const MAX_CHECKS_AT_ONCE = 32;
/** The most checks at once that one client causes, with clients as in {@link MAX_CHECKS_PER_MINUTE}. */
export const MAX_CHECKS_AT_ONCE_PER_CLIENT = 8;
/** The most checks that wait; a seeder that finds no room is checked when it renews. */
export const MAX_CHECKS_WAITING = 1000;
/** The most checks in a minute that one client causes, or that one address is checked; an IPv6 /48 counts as one. */
export const MAX_CHECKS_PER_MINUTE = 120;
/** The most clients and addresses whose checks are counted in a minute; others get no checks. */
export const MAX_CHECKERS_COUNTED = 10_000;
/** The milliseconds after which a seeder that was reached is checked again when it renews. */
export const RECHECK_MS = 600_000;

const MINUTE = 60_000;

/** The fields of a registered seeder that a check needs. */
export type Subject = Pick<StoredSeeder, 'id' | 'address' | 'peerId' | 'isReachable'>;

export interface ReachabilityChecksOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly report: ReportError;
}

/** The client that causes a check, or the address that is checked: an IPv4 address, or an IPv6 /48. */
type ClientKey = ReturnType<typeof clientKey>;

/** The result of the last check of a seeder. */
interface LastCheck {
  readonly at: number;
  readonly isReached: boolean;
}

/**
 * Finds out whether registered seeders can be reached, by a handshake with them. The number of checks is limited in all, for
 * each client and for each address.
 *
 * It cannot be misused to scan for services: a check asks for a torrent whose metainfo the tracker has, so that a client
 * chooses none of the bytes that are sent, and it tells no more than whether the response has the registered peer id. The
 * address is the client's own, or one of its private network, see `reachableHost()` and {@link mayDial}.
 */
export class ReachabilityChecks {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #ours = randomBytes(20);
  /** The controllers that end the checks under way. */
  readonly #stops = new Set<AbortController>();
  #isClosed = false;
  /** The number of checks that were not made because the budget was used up. */
  notMade = 0;
  readonly #waiting: { readonly clientAddress: ClientKey; readonly start: () => void }[] = [];
  #running = 0;
  /** The number of running checks of each client. */
  readonly #runningOf = new Map<ClientKey, number>();
  /** The ids of the seeders that are being checked, or are about to be. */
  readonly #pending = new Set<string>();
  /** The result of the last check of each seeder, by its id. */
  readonly #last = new Map<string, LastCheck>();
  /** The number of checks in this minute, of each client and of each address. */
  readonly #counts = new Map<ClientKey, number>();
  #minuteEnds = Number.NEGATIVE_INFINITY;

  constructor({ network, clock, report }: ReachabilityChecksOptions) {
    this.#network = network;
    this.#clock = clock;
    this.#report = report;
  }

  /**
   * Checks a seeder soon, unless it was reached not long ago, is being checked, or the budget is used up. One that was
   * reached before counts as reachable until two checks in a row have failed: it may have been busy.
   *
   * @param infoHash a torrent that it holds, of which the tracker has the metainfo
   * @param onDone is told whether the seeder can be reached, when that is known
   */
  check(
    subject: Subject,
    infoHash: InfoHash,
    clientAddress: string,
    onDone: (isReachable: boolean) => Promise<void>,
  ): void {
    const { id, isReachable } = subject;
    const last = this.#last.get(id);
    const startedAt = this.#clock.now();
    const isFresh = isReachable === true && last?.isReached === true && startedAt - last.at < RECHECK_MS;
    if (isFresh || this.#pending.has(id)) return;
    const answer = this.answers(subject, infoHash, clientAddress);
    if (answer === undefined) return;
    this.#pending.add(id);
    const work = async (): Promise<void> => {
      const isReached = await answer;
      // All failures take the same time, so that nobody learns whether a port is closed or silent.
      if (!isReached && !this.#isClosed) {
        await pause(this.#clock, Math.max(0, startedAt + CHECK_TIMEOUT_MS - this.#clock.now()));
      }
      if (this.#isClosed) return;
      this.#last.set(id, { at: this.#clock.now(), isReached });
      const isFirstFailure = isReachable === true && !isReached && last?.isReached !== false;
      if (!isFirstFailure) await onDone(isReached);
    };
    inBackground(
      work().finally(() => this.#pending.delete(id)),
      `check whether seeder ${id} can be reached`,
      this.#report,
    );
  }

  /** Ends the checks under way, without a result. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop.abort();
  }

  /**
   * Checks a seeder now.
   *
   * @returns whether it answers; `undefined` when it may not be checked or the budget is used up
   */
  answers(
    { address, peerId }: Omit<Subject, 'id'>,
    infoHash: InfoHash,
    clientAddress: string,
  ): Promise<boolean> | undefined {
    if (!mayDial(address.host, { namedBy: { server: clientAddress }, isHarmless: true })) return undefined;
    if (this.#waiting.length >= MAX_CHECKS_WAITING || !this.#takeBudget(clientAddress, address.host)) {
      this.notMade += 1;
      return undefined;
    }
    return this.#inTurn(clientKeyAt(clientAddress), () => this.#shakeHands({ address, peerId, infoHash }));
  }

  async #shakeHands(expected: ExpectedPeer): Promise<boolean> {
    const stop = new AbortController();
    this.#stops.add(stop);
    const cancel = this.#clock.setTimer(CHECK_TIMEOUT_MS, () => stop.abort());
    if (this.#isClosed) stop.abort();
    try {
      const resources = { network: this.#network, ours: this.#ours, signal: stop.signal };
      return await answersHandshake(expected, resources);
    } finally {
      cancel();
      this.#stops.delete(stop);
    }
  }

  /** Does work when there is a place for it. When a place is free, the first waiting work that may start is next. */
  async #inTurn<Result>(clientAddress: ClientKey, work: () => Promise<Result>): Promise<Result> {
    if (this.#mayStart(clientAddress)) this.#count(clientAddress, 1);
    else await new Promise<void>((start) => this.#waiting.push({ clientAddress, start }));
    try {
      return await work();
    } finally {
      this.#count(clientAddress, -1);
      const at = this.#waiting.findIndex((next) => this.#mayStart(next.clientAddress));
      for (const next of at === -1 ? [] : this.#waiting.splice(at, 1)) {
        this.#count(next.clientAddress, 1);
        next.start();
      }
    }
  }

  #mayStart(clientAddress: ClientKey): boolean {
    const ofClient = this.#runningOf.get(clientAddress) ?? 0;
    return this.#running < MAX_CHECKS_AT_ONCE && ofClient < MAX_CHECKS_AT_ONCE_PER_CLIENT;
  }

  #count(clientAddress: ClientKey, difference: 1 | -1): void {
    this.#running += difference;
    const count = (this.#runningOf.get(clientAddress) ?? 0) + difference;
    if (count === 0) this.#runningOf.delete(clientAddress);
    else this.#runningOf.set(clientAddress, count);
  }

  #takeBudget(clientAddress: string, target: string): boolean {
    const now = this.#clock.now();
    if (now >= this.#minuteEnds) {
      this.#counts.clear();
      this.#minuteEnds = now + MINUTE;
      for (const [id, { at }] of this.#last) if (now - at >= RECHECK_MS) this.#last.delete(id);
    }
    const keys = new Set([clientKeyAt(clientAddress), clientKeyAt(target)]);
    const isCounted = this.#counts.size + keys.size <= MAX_CHECKERS_COUNTED;
    for (const key of keys) {
      const count = this.#counts.get(key);
      if (count === undefined ? !isCounted : count >= MAX_CHECKS_PER_MINUTE) return false;
    }
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return true;
  }
}

/** @param host canonical */
function clientKeyAt(host: string): ClientKey {
  return clientKey(parseIp(host)!);
}
