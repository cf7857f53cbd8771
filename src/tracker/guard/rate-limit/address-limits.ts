import { type AddressRange, parseAddressRange } from '../../../util/index.ts';
import { ConnectionBuffers } from './connection-buffers.ts';
import { ConnectionLimiter } from './connection-limiter.ts';
import { RequestLimiter } from './request-limiter.ts';

/**
 * The number of new connections that a handshake of TLS counts as: it takes as much processor time as a hundred announces.
 */
export const TLS_HANDSHAKE_COST = 4;
/**
 * The number of info-hashes of a scrape that count as one request: a scrape of a hundred takes as long as some announces.
 */
export const SCRAPED_PER_REQUEST = 16;

/** The number of requests and connections that one address may have. */
export interface AddressBudget {
  /** The number of requests in a second, over all transports; 0: any number. */
  readonly requestsPerSecond: number;
  /** The number of requests at once, from 1. */
  readonly requestBurst: number;
  /** The number of connections at once; 0: any number. */
  readonly connectionsPerAddress: number;
}

/** The counts of requests and connections that were turned away. */
export interface AddressLimitStats {
  readonly requestsRefused: number;
  readonly unprovenRefused: number;
  readonly unpricedRefused: number;
  readonly arrivalsRefused: number;
  readonly connectionsRefused: number;
  /** The number of connections that were closed because too many bytes were buffered for their address. */
  readonly holdersCut: number;
}

/**
 * Holds each address to its budget, whatever the transport. Loopback is not limited: a client there is the operator's, or a
 * proxy that hides all of its clients.
 */
export class AddressLimits {
  /** The limiter for addresses that have proven to be the client's. */
  readonly requests: RequestLimiter;
  /**
   * The limiter for addresses that packets name without proof. They are counted by themselves: a client that forges an
   * address uses up nothing of what its owner may ask with proof, and cannot make the tracker flood that address. Both draw
   * on one budget for the first step of the proof.
   */
  readonly unproven: RequestLimiter;
  /**
   * The limiter for requests that draw on no other budget, because they are refused, malformed or free. A client that sends
   * more of them than its budget gets no more responses, and its connection is closed.
   */
  readonly unpriced: RequestLimiter;
  /** The limiter for new connections over TCP: as many as requests. */
  readonly arrivals: RequestLimiter;
  readonly connections: ConnectionLimiter;
  /** The bytes that are buffered for connections. Loopback is limited here as well: its programs can read. */
  readonly held: ConnectionBuffers;

  /** @param exempt further ranges that are not limited, such as proxies that speak for many clients */
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
   * Says whether a scrape is admitted. One request was charged for it before it was read. Full scrapes and scrapes over
   * WebSocket do not come here: their price is that of their response, and of their message.
   *
   * @param infoHashes the number of info-hashes of the scrape
   */
  admitsScrape(ip: Uint8Array, infoHashes: number, now: number): boolean {
    const more = Math.ceil(infoHashes / SCRAPED_PER_REQUEST) - 1;
    return more <= 0 || this.requests.admits(ip, more, now);
  }

  /** Replaces the budget. */
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
