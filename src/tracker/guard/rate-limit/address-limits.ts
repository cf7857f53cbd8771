import { type AddressRange, parseAddressRange } from '../../../util/index.ts';
import { ConnectionBuffers } from './connection-buffers.ts';
import { ConnectionLimiter } from './connection-limiter.ts';
import { RequestLimiter } from './request-limiter.ts';

/** What a handshake of TLS counts as, in new connections: it takes the processor as long as a hundred announces. */
export const TLS_HANDSHAKE_COST = 4;
/** Info-hashes of a scrape that count as a request: one of a hundred takes as long as some announces. */
export const SCRAPED_PER_REQUEST = 16;

/** What one address may ask of the tracker. */
export interface AddressBudget {
  /** Requests by the second, over all transports; 0: any number. */
  readonly requestsPerSecond: number;
  /** Requests at once, from 1. */
  readonly requestBurst: number;
  /** Connections at once; 0: any number. */
  readonly connectionsPerAddress: number;
}

/** How often someone was turned away. */
export interface AddressLimitStats {
  readonly requestsRefused: number;
  readonly unprovenRefused: number;
  readonly unpricedRefused: number;
  readonly arrivalsRefused: number;
  readonly connectionsRefused: number;
  /** Connections that were ended, since too much was kept for those of their address. */
  readonly holdersCut: number;
}

/**
 * Holds each address to its budget, whatever the transport. Loopback is not limited: who comes from there is the
 * operator, or a proxy that hides all of its clients.
 */
export class AddressLimits {
  /** Of addresses that have proven to be the client's. */
  readonly requests: RequestLimiter;
  /**
   * Of addresses that packets merely name. These are counted by themselves: whoever forges an address uses up nothing of
   * what its owner may ask once it is proven, and cannot have the tracker send a flood there. Both draw on one budget for
   * the first step of the proof.
   */
  readonly unproven: RequestLimiter;
  /**
   * Of requests that draw on no other budget, as they are refused, malformed or free: who sends more of them than he may
   * ask at all is not answered any more, and his connection ends.
   */
  readonly unpriced: RequestLimiter;
  /** Of new connections over TCP: as many as requests. */
  readonly arrivals: RequestLimiter;
  readonly connections: ConnectionLimiter;
  /** What is kept for connections. This machine is no exception: its programs read, too. */
  readonly held: ConnectionBuffers;

  /** @param exempt more ranges that are not limited, such as proxies that speak for many */
  constructor(budget: AddressBudget, exempt: readonly AddressRange[] = []) {
    const free = [...LOOPBACK, ...exempt];
    this.requests = new RequestLimiter(free);
    this.unproven = new RequestLimiter(free);
    this.unpriced = new RequestLimiter(free);
    this.arrivals = new RequestLimiter(free);
    this.connections = new ConnectionLimiter(free);
    this.held = new ConnectionBuffers(exempt);
    this.configure(budget);
  }

  /**
   * Whether a scrape is to be answered, of which one request was paid for before it was read.
   *
   * @param infoHashes how many it is of
   */
  admitsScrape(ip: Uint8Array, infoHashes: number, now: number): boolean {
    const more = Math.ceil(infoHashes / SCRAPED_PER_REQUEST) - 1;
    return more <= 0 || this.requests.admits(ip, more, now);
  }

  /** Goes by another budget from now on. */
  configure({ requestsPerSecond, requestBurst, connectionsPerAddress }: AddressBudget): void {
    this.requests.configure(requestsPerSecond, requestBurst);
    this.unproven.configure(requestsPerSecond, requestBurst);
    this.unpriced.configure(requestsPerSecond, requestBurst);
    this.arrivals.configure(requestsPerSecond, requestBurst);
    this.connections.configure(connectionsPerAddress);
  }

  stats(): AddressLimitStats {
    return {
      requestsRefused: this.requests.refused,
      unprovenRefused: this.unproven.refused,
      unpricedRefused: this.unpriced.refused,
      arrivalsRefused: this.arrivals.refused,
      connectionsRefused: this.connections.refused,
      holdersCut: this.held.cut,
    };
  }
}

const LOOPBACK = [parseAddressRange('127.0.0.0/8')!, parseAddressRange('::1')!];
