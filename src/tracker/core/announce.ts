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
  formatIp,
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
import { type Locality, nearTo } from './locality.ts';

/** Peers in an answer when the peer does not say how many it wants. */
export const DEFAULT_NUM_WANT = 50;

/** Seconds between announces in a swarm that has just come up, unless given: its peers have yet to find each other. */
const DEFAULT_YOUNG_INTERVAL = defaultOf(ANNOUNCING.youngInterval);

/** In a swarm of this many intervals of age, that interval is the right one: it grows as the swarm gets older. */
const AGE_IN_INTERVALS = 4;
/** Up to this part of the interval is added to it at random, so that peers that start together drift apart. */
const INTERVAL_JITTER = 0.1;
/** Seconds that a peer which needs others may announce after, at the earliest. */
const MIN_INTERVAL = 30;

/** Who sent a request: made once a connection. */
export interface ClientAddress {
  /** Canonical address of the socket. */
  readonly host: string;
  /** The same as 4 or 16 bytes. */
  readonly ip: Uint8Array;
}

/** What can be decided about announces, and decided again while the tracker runs. */
export interface AnnouncePolicy {
  /** Seconds between announces. */
  readonly interval: number;
  /** The same in a swarm that has just come up, {@link DEFAULT_YOUNG_INTERVAL} unless given; `interval` at most. */
  readonly youngInterval?: number;
  /** Peers in an answer, {@link DEFAULT_LIMITS.maxNumWant} unless given. */
  readonly maxNumWant?: number;
  /** Hands out peers nearby first; absent: any. */
  readonly locality?: Locality | undefined;
}

export interface TrackerLogicOptions extends AnnouncePolicy {
  readonly swarms: SwarmStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Asked before anything is done; absent: everybody may announce everything. */
  readonly access?: Access | undefined;
}

/**
 * @param address as sockets give it: IPv4 in either notation, a link-local one with the name of the interface
 * (`fe80::1%eth0`)
 * @returns `undefined` for anything else
 */
export function clientAddressOf(address: string): ClientAddress | undefined {
  const zone = address.indexOf('%');
  const ip = parseIp(zone === -1 ? address : address.slice(0, zone));
  if (ip === undefined) return undefined;
  // There is one way to write IPv4 with dots, and each packet has a client.
  return { host: address.includes(':') ? formatIp(ip) : address, ip };
}

/**
 * What a tracker does with an announce and a scrape, whatever the transport and the store. It answers at once where the
 * store does, and with a promise where that gives one.
 *
 * `key` and `trackerid` are taken and have no effect: a peer is its address, which nobody else can announce from. What a
 * client says of another address belongs to that client, and changes nothing that others have said.
 */
export class TrackerLogic {
  readonly #swarms: SwarmStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #access: Access | undefined;
  #interval = 0;
  #youngInterval = DEFAULT_YOUNG_INTERVAL;
  #maxNumWant = DEFAULT_LIMITS.maxNumWant;
  #locality: Locality | undefined;

  constructor({ swarms, clock, random, access, ...policy }: TrackerLogicOptions) {
    this.#swarms = swarms;
    this.#clock = clock;
    this.#random = random;
    this.#access = access;
    this.configure(policy);
  }

  /** Seconds between announces in a swarm that has been there for some time. */
  get interval(): number {
    return this.#interval;
  }

  /** Goes by another policy from now on. */
  configure({ interval, youngInterval, maxNumWant, locality }: AnnouncePolicy): void {
    this.#interval = interval;
    this.#youngInterval = youngInterval ?? DEFAULT_YOUNG_INTERVAL;
    this.#maxNumWant = maxNumWant ?? DEFAULT_LIMITS.maxNumWant;
    this.#locality = locality;
  }

  /**
   * Records the peer and answers it. A claim of another address (`ip`) that {@link reachableHost} does not grant is
   * passed over; one that is granted holds as long as nobody else has said anything of that address and port.
   *
   * @param passkey that the announce URL has, if it has one
   */
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

  /** Whether a scrape is refused whatever it is of. @param passkey that the scrape URL has, if it has one */
  refuseScrape(passkey: string | undefined): TrackerFailure | undefined {
    return this.#access?.refusePasskey(passkey);
  }

  /**
   * Counts the peers of swarms. One whose torrent is not served is empty.
   *
   * @param passkey that the scrape URL has, if it has one
   */
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
    // Each field by its name: spreading objects costs as much as all the rest.
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
      ? orRetryIn(entry.then((known) => this.#goodbye(known, clientAddress)))
      : this.#goodbye(entry, clientAddress);
  }

  #goodbye(
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

  /**
   * When a peer is to announce itself again: sooner in a young swarm, and not all at the same time.
   *
   * @param age seconds that the swarm has been there
   */
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

/** What peers are told while the store is away. */
export const STORE_AWAY: TrackerFailure = {
  failureReason: 'The tracker cannot answer now',
  retryIn: STORE_RETRY_IN,
  interval: STORE_RETRY_IN * 60,
};

/** A store that is away is no fault of the peer's, which is told when to come again. @see BEP 31 */
async function orRetryIn<Response>(response: Promise<Response>): Promise<Response | TrackerFailure> {
  try {
    return await response;
  } catch (thrown) {
    if (!(thrown instanceof StoreUnavailableError)) throw thrown;
    return STORE_AWAY;
  }
}

/** A partial seed says `paused` in every announce; one that has everything is a seeder all the same. @see BEP 21 */
function roleOf({ left, event }: AnnounceRequest): PeerRole {
  if (left === 0) return 'seeder';
  return event === 'paused' ? 'partialSeed' : 'downloader';
}

/** @returns the address that a request names and the client may name; `undefined`: none but the client's own */
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
