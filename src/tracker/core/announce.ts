import { defaultOf } from '../../config/index.ts';
import type {
  AnnounceRequest,
  CompactAnnounceResponse,
  ScrapeEntry,
  ScrapeRequest,
  ScrapeResponse,
  TrackerFailure,
} from '../../tracker-protocol/index.ts';
import {
  type Clock,
  type InfoHash,
  type MaybePromise,
  parseIp,
  type Random,
  randomBelow,
} from '../../util/index.ts';
import { STORE_RETRY_IN, StoreUnavailableError } from '../errors/index.ts';
import type { Access } from '../guard/access/index.ts';
import { ANNOUNCING, DEFAULT_LIMITS } from '../settings.ts';
import type { PeerRole, RecordHolder, SwarmQuestion, SwarmResponse, SwarmStore } from '../swarms/index.ts';
import { claimantOf, reachableHost } from './address-policy.ts';
import type { ClientAddress } from './client-address.ts';
import { type Locality, nearTo } from './locality.ts';
import type { TrackerLogic } from './tracker-logic.ts';

/** The number of peers in a response when the peer does not say how many it wants. */
export const DEFAULT_NUM_WANT = 50;

/**
 * The default number of seconds between announces in a swarm that has just begun, whose peers have yet to find each other.
 */
const DEFAULT_YOUNG_INTERVAL = defaultOf(ANNOUNCING.youngInterval);

/** The age of a swarm, in intervals, at which peers are given that interval: the interval grows with the swarm. */
const AGE_IN_INTERVALS = 4;
/** The part of the interval that is added to it at random at most, so that peers that start together drift apart. */
const INTERVAL_JITTER = 0.1;
/** The number of seconds after which a peer that needs others may announce again, at the earliest. */
const MIN_INTERVAL = 30;

/** The rules for announces, which can be replaced while the tracker runs. */
export interface AnnouncePolicy {
  /** The seconds between announces. */
  readonly interval: number;
  /**
   * The seconds between announces in a swarm that has just begun, at most `interval`; the default is {@link
   * DEFAULT_YOUNG_INTERVAL}.
   */
  readonly youngInterval?: number;
  /** The most peers in a response; the default is {@link DEFAULT_LIMITS.maxNumWant}. */
  readonly maxNumWant?: number;
  /** The peers that count as near and are handed out first; `undefined`: all are alike. */
  readonly locality?: Locality | undefined;
}

/** The parts that announces and scrapes need. */
export interface AnnounceLogicOptions extends AnnouncePolicy {
  readonly swarms: SwarmStore;
  readonly clock: Clock;
  readonly random: Random;
  /** The rules that are asked first; `undefined`: everybody may announce everything. */
  readonly access?: Access | undefined;
}

/**
 * Answers announces and scrapes, whatever the transport and the store. It answers at once where the store does, and with a
 * promise where the store gives one.
 *
 * `key` and `trackerid` are taken and have no effect: a peer is its address, which nobody else can announce from. A client's
 * claim of another address belongs to that client, and changes nothing that others have said.
 */
export class AnnounceLogic implements TrackerLogic {
  readonly #swarms: SwarmStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #access: Access | undefined;
  #interval = 0;
  #youngInterval = DEFAULT_YOUNG_INTERVAL;
  #maxNumWant = DEFAULT_LIMITS.maxNumWant;
  #locality: Locality | undefined;

  constructor({ swarms, clock, random, access, ...policy }: AnnounceLogicOptions) {
    this.#swarms = swarms;
    this.#clock = clock;
    this.#random = random;
    this.#access = access;
    this.configure(policy);
  }

  get interval(): number {
    return this.#interval;
  }

  /** Replaces the policy; it holds from the next announce on. */
  configure({ interval, youngInterval, maxNumWant, locality }: AnnouncePolicy): void {
    this.#interval = interval;
    this.#youngInterval = youngInterval ?? DEFAULT_YOUNG_INTERVAL;
    this.#maxNumWant = maxNumWant ?? DEFAULT_LIMITS.maxNumWant;
    this.#locality = locality;
  }

  announce(
    request: AnnounceRequest,
    clientAddress: ClientAddress,
    passkey?: string,
  ): MaybePromise<CompactAnnounceResponse | TrackerFailure> {
    const refusal = this.#access?.refuseAnnounce(request.infoHash, passkey);
    if (refusal !== undefined) return refusal;
    const host = claimedHost(request, clientAddress);
    const address = peerAddress(request, host === undefined ? clientAddress.ip : parseIp(host)!);
    const heldBy = host === undefined ? undefined : claimantOf(clientAddress);
    if (request.event === 'stopped') return this.#stop(request.infoHash, address, heldBy, clientAddress);
    const answer = this.#swarms.announce(
      request.infoHash,
      { address, peerId: request.peerId, role: roleOf(request), heldBy },
      this.#questionOf(request, address),
      request.event === 'completed',
      this.#clock.now(),
    );
    return answer instanceof Promise
      ? orRetryIn(answer.then((known) => this.#welcome(known, clientAddress)))
      : this.#welcome(answer, clientAddress);
  }

  get accessVersion(): number | undefined {
    return this.#access?.version;
  }

  refuseAnnounce(infoHash: InfoHash, passkey: string | undefined): TrackerFailure | undefined {
    return this.#access?.refuseAnnounce(infoHash, passkey);
  }

  refuseInfoHash(infoHash: InfoHash): TrackerFailure | undefined {
    return this.#access?.refuseInfoHash(infoHash);
  }

  grants(passkey: string | undefined): boolean {
    return this.#access?.grants(passkey) ?? true;
  }

  serves(infoHash: InfoHash): boolean {
    return this.#access?.serves(infoHash) ?? true;
  }

  refuseScrape(passkey: string | undefined): TrackerFailure | undefined {
    return this.#access?.refusePasskey(passkey);
  }

  scrape({ infoHashes }: ScrapeRequest, passkey?: string): MaybePromise<ScrapeResponse | TrackerFailure> {
    const refusal = this.refuseScrape(passkey);
    if (refusal !== undefined) return refusal;
    const files = new Map<InfoHash, ScrapeEntry>();
    let awaited: Promise<unknown>[] | undefined;
    for (const infoHash of infoHashes) {
      const isServed = this.#access?.refuseInfoHash(infoHash) === undefined;
      const entry = isServed ? this.#swarms.scrape(infoHash) : EMPTY_SWARM;
      if (entry instanceof Promise) {
        (awaited ??= []).push(entry.then((known) => files.set(infoHash, known ?? EMPTY_SWARM)));
      } else files.set(infoHash, entry ?? EMPTY_SWARM);
    }
    return awaited === undefined ? { files } : orRetryIn(Promise.all(awaited).then(() => ({ files })));
  }

  #welcome(
    { age, complete, incomplete, peers }: SwarmResponse,
    clientAddress: ClientAddress,
  ): CompactAnnounceResponse {
    const { interval, minInterval } = this.times(age / 1000);
    // Each field is written by its name, because spreading objects costs as much as all the rest of an announce.
    return { complete, incomplete, interval, minInterval, peers, externalIp: clientAddress.ip };
  }

  #stop(
    infoHash: InfoHash,
    address: Uint8Array,
    heldBy: RecordHolder | undefined,
    clientAddress: ClientAddress,
  ): MaybePromise<CompactAnnounceResponse | TrackerFailure> {
    const left = this.#swarms.leave(infoHash, address, heldBy);
    const entry =
      left instanceof Promise
        ? left.then(() => this.#swarms.scrape(infoHash))
        : this.#swarms.scrape(infoHash);
    return entry instanceof Promise
      ? orRetryIn(entry.then((known) => this.#stopped(known, clientAddress)))
      : this.#stopped(entry, clientAddress);
  }

  #stopped(
    { complete, incomplete }: ScrapeEntry = EMPTY_SWARM,
    { ip: externalIp }: ClientAddress,
  ): CompactAnnounceResponse {
    return { ...this.times(OLD), complete, incomplete, peers: NO_PEERS, externalIp };
  }

  #questionOf({ numWant, compact, noPeerId }: AnnounceRequest, address: Uint8Array): SwarmQuestion {
    const question = {
      numWant: Math.min(numWant ?? DEFAULT_NUM_WANT, this.#maxNumWant),
      withPeerIds: !compact && !noPeerId,
    };
    if (this.#locality === undefined) return question;
    return { ...question, near: nearTo(address.subarray(0, -2), this.#locality) };
  }

  times(age: number): { interval: number; minInterval: number } {
    const grown = Math.max(this.#youngInterval, Math.floor(age / AGE_IN_INTERVALS));
    const interval = Math.min(this.#interval, grown);
    const jitter = randomBelow(this.#random, Math.floor(interval * INTERVAL_JITTER) + 1);
    return { interval: interval + jitter, minInterval: Math.min(interval, MIN_INTERVAL) };
  }
}

/** The age of a swarm whose interval is the regular one. */
const OLD = Number.POSITIVE_INFINITY;
const EMPTY_SWARM: ScrapeEntry = { complete: 0, incomplete: 0, downloaded: 0, downloaders: 0 };
const NO_PEERS = { ipv4: new Uint8Array(), ipv6: new Uint8Array() };

/** The response that peers get while the store does not answer. */
export const STORE_AWAY: TrackerFailure = {
  failureReason: 'The tracker cannot answer now',
  retryIn: STORE_RETRY_IN,
  interval: STORE_RETRY_IN * 60,
};

/** Tells the peer when to come again if the store does not answer, which is no fault of the peer's. @see BEP 31 */
async function orRetryIn<Response>(response: Promise<Response>): Promise<Response | TrackerFailure> {
  try {
    return await response;
  } catch (thrown) {
    if (!(thrown instanceof StoreUnavailableError)) throw thrown;
    return STORE_AWAY;
  }
}

/**
 * Reads the role of a peer. A partial seed says `paused` in every announce; a peer that has everything is a seeder all the
 * same.
 *
 * @see BEP 21
 */
function roleOf({ left, event }: AnnounceRequest): PeerRole {
  if (left === 0) return 'seeder';
  return event === 'paused' ? 'partialSeed' : 'downloader';
}

/** @returns the address that a request names and the client may name; `undefined` for the client's own address */
function claimedHost({ ip }: AnnounceRequest, { host: own }: ClientAddress): string | undefined {
  const host = ip === undefined ? undefined : reachableHost(own, ip);
  return host === own ? undefined : host;
}

function peerAddress({ port }: AnnounceRequest, ip: Uint8Array): Uint8Array {
  const address = new Uint8Array(ip.length + 2);
  address.set(ip);
  address[ip.length] = port >> 8;
  address[ip.length + 1] = port & 0xff;
  return address;
}
