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

/** Milliseconds in which a seeder has to answer the tracker's handshake. */
export const CHECK_TIMEOUT_MS = 4000;
/** Checks of seeders that the tracker makes at once. */
export const MAX_CHECKS_AT_ONCE = 32;
/** Of these, checks that one client causes, as in {@link MAX_CHECKS_PER_MINUTE}. */
export const MAX_CHECKS_AT_ONCE_PER_SENDER = 8;
/** Checks that wait for those; a seeder that finds no room is checked when it renews. */
export const MAX_CHECKS_WAITING = 1000;
/** Checks that one client, or one address that is checked, causes in a minute; with IPv6 a /48 is one. */
export const MAX_CHECKS_PER_MINUTE = 120;
/** ClientAddresses and addresses whose checks are counted in a minute; there are no checks for more. */
export const MAX_CHECKERS_COUNTED = 10_000;
/** Milliseconds after which a seeder that was reached is checked again when it renews. */
export const RECHECK_MS = 600_000;

const MINUTE = 60_000;

/** A registered seeder as far as it is checked. */
export type Subject = Pick<StoredSeeder, 'id' | 'address' | 'peerId' | 'isReachable'>;

export interface ReachabilityChecksOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly report: ReportError;
}

/** Who causes a check, or what is checked: an IPv4 address, or an IPv6 /48. */
type ClientKey = ReturnType<typeof clientKey>;

/** What came of the last check of a seeder. */
interface LastCheck {
  readonly at: number;
  readonly isReached: boolean;
}

/**
 * Finds out whether registered seeders can be reached, by a handshake with them. What it may cost is bounded: in all, for
 * each client and for each address.
 *
 * It is of no use to look for services: a check asks for a torrent whose metainfo the tracker has, so that nothing that is sent
 * was chosen by a stranger, and tells no more than whether the answer has the peer id that was registered. The address is the
 * client's own, or one of its private network, see `reachableHost()` and {@link mayDial}.
 */
export class ReachabilityChecks {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #ours = randomBytes(20);
  /** They end the checks that are under way. */
  readonly #stops = new Set<AbortController>();
  #isClosed = false;
  /** How often a seeder was not checked since the budget was used up. */
  notMade = 0;
  readonly #waiting: { readonly clientAddress: ClientKey; readonly start: () => void }[] = [];
  #running = 0;
  /** The number of running checks by who caused them. */
  readonly #runningOf = new Map<ClientKey, number>();
  /** Ids of seeders that are being checked, or are about to be. */
  readonly #pending = new Set<string>();
  /** By the id of the seeder. */
  readonly #last = new Map<string, LastCheck>();
  /** Checks of this minute by who caused them, and by what was checked. */
  readonly #counts = new Map<ClientKey, number>();
  #minuteEnds = Number.NEGATIVE_INFINITY;

  constructor({ network, clock, report }: ReachabilityChecksOptions) {
    this.#network = network;
    this.#clock = clock;
    this.#report = report;
  }

  /**
   * Checks a seeder soon, unless it was reached not long ago, is being checked, or the budget is used up. One that was reached
   * before counts as reachable until two checks in a row have failed: it may have been busy.
   *
   * @param infoHash a torrent that it holds, of which the tracker has the metainfo
   * @param onDone is told whether it can be reached, when that has come to be known
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
      // All failures take as long, so that nobody learns whether a port is closed or silent.
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

  /** Gives up what is under way, without a result. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop.abort();
  }

  /**
   * Finds out whether a seeder answers.
   *
   * @returns `undefined` when it may not be checked, or the budget is used up
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

  /** Does work when there is a place for it; of those that wait, the first that may start is next. */
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
    return this.#running < MAX_CHECKS_AT_ONCE && ofClient < MAX_CHECKS_AT_ONCE_PER_SENDER;
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
