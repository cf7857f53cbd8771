import type {
  AnnounceRequest,
  CompactAnnounceResponse,
  ScrapeEntry,
  ScrapeRequest,
  ScrapeResponse,
  TrackerFailure,
} from '../tracker-protocol/index.ts';
import { type Clock, type InfoHash, parseIp, type Random, randomBelow } from '../util/index.ts';
import { reachableHost } from './address-policy.ts';
import type { PeerRole, SwarmStore } from './swarms/index.ts';

/** Peers in an answer when the peer does not say how many it wants. */
export const DEFAULT_NUM_WANT = 50;
/** Peers in an answer, however many are wanted. */
export const MAX_NUM_WANT = 200;

/** Up to this part of the interval is added to it at random, so that peers that start together drift apart. */
const INTERVAL_JITTER = 0.1;
/** Seconds that a peer which needs others may announce after, at the earliest. */
const MIN_INTERVAL = 30;
/** Minutes after which to ask a tracker again that is full. */
const FULL_RETRY_IN = 5;

/** Who sent a request: made once a connection. */
export interface Sender {
  /** Canonical address of the socket. */
  readonly host: string;
  /** The same as 4 or 16 bytes. */
  readonly ip: Uint8Array;
}

export interface TrackerLogicOptions {
  readonly swarms: SwarmStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Seconds between announces. */
  readonly interval: number;
}

/** @param host canonical IP address */
export function senderAt(host: string): Sender {
  return { host, ip: parseIp(host)! };
}

/**
 * What a tracker does with an announce and a scrape, whatever the transport and the store.
 *
 * `key` and `trackerid` are taken and have no effect: a peer is its address, which nobody else can announce from.
 */
export class TrackerLogic {
  readonly #swarms: SwarmStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #interval: number;
  readonly #minInterval: number;

  constructor({ swarms, clock, random, interval }: TrackerLogicOptions) {
    this.#swarms = swarms;
    this.#clock = clock;
    this.#random = random;
    this.#interval = interval;
    this.#minInterval = Math.min(interval, MIN_INTERVAL);
  }

  /**
   * Records the peer and answers it. A claim of another address (`ip`) that {@link reachableHost} does not grant is
   * passed over.
   */
  announce(request: AnnounceRequest, sender: Sender): CompactAnnounceResponse | TrackerFailure {
    const address = peerAddress(request, sender);
    if (request.event === 'stopped') return this.#stop(request.infoHash, address, sender);
    const answer = this.#swarms.announce(
      request.infoHash,
      { address, peerId: request.peerId, role: roleOf(request) },
      {
        numWant: Math.min(request.numWant ?? DEFAULT_NUM_WANT, MAX_NUM_WANT),
        withPeerIds: !request.compact && !request.noPeerId,
      },
      request.event === 'completed',
      this.#clock.now(),
    );
    if (answer === undefined) {
      return { failureReason: 'This tracker is full and takes no other torrent', retryIn: FULL_RETRY_IN };
    }
    return { ...this.#times(), ...answer, externalIp: sender.ip };
  }

  scrape({ infoHashes }: ScrapeRequest): ScrapeResponse {
    const files = new Map<InfoHash, ScrapeEntry>();
    for (const infoHash of infoHashes) files.set(infoHash, this.#swarms.scrape(infoHash) ?? EMPTY_SWARM);
    return { files };
  }

  #stop(infoHash: InfoHash, address: Uint8Array, sender: Sender): CompactAnnounceResponse {
    this.#swarms.leave(infoHash, address);
    const { complete, incomplete } = this.#swarms.scrape(infoHash) ?? EMPTY_SWARM;
    return { ...this.#times(), complete, incomplete, peers: NO_PEERS, externalIp: sender.ip };
  }

  #times(): { interval: number; minInterval: number } {
    const jitter = randomBelow(this.#random, Math.floor(this.#interval * INTERVAL_JITTER) + 1);
    return { interval: this.#interval + jitter, minInterval: this.#minInterval };
  }
}

const EMPTY_SWARM: ScrapeEntry = { complete: 0, incomplete: 0, downloaded: 0, downloaders: 0 };
const NO_PEERS = { ipv4: new Uint8Array(), ipv6: new Uint8Array() };

/** A partial seed says `paused` in every announce; one that has everything is a seeder all the same. @see BEP 21 */
function roleOf({ left, event }: AnnounceRequest): PeerRole {
  if (left === 0) return 'seeder';
  return event === 'paused' ? 'partialSeed' : 'downloader';
}

function peerAddress({ ip: claimed, port }: AnnounceRequest, sender: Sender): Uint8Array {
  const host = claimed === undefined ? undefined : reachableHost(sender.host, claimed);
  const ip = host === undefined ? sender.ip : parseIp(host)!;
  const address = new Uint8Array(ip.length + 2);
  address.set(ip);
  address[ip.length] = port >> 8;
  address[ip.length + 1] = port & 0xff;
  return address;
}
