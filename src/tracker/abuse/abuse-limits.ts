import { type AddressRange, parseAddressRange } from '../swarms/index.ts';
import { ConnectionLimiter } from './connection-limiter.ts';
import { RequestLimiter } from './request-limiter.ts';

/** Requests of an address by the second, unless given: those of some hundred peers behind one. */
export const DEFAULT_REQUESTS_PER_SECOND = 200;
/** Requests that it may make at once, unless given. */
export const DEFAULT_REQUEST_BURST = 2000;
/** Connections of an address at once, unless given. */
export const DEFAULT_CONNECTIONS_PER_ADDRESS = 1000;

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
export interface AbuseStats {
  readonly requestsRefused: number;
  readonly unprovenRefused: number;
  readonly connectionsRefused: number;
}

/**
 * Holds each address to its budget, whatever the transport. Loopback is not limited: who comes from there is the
 * operator, or a proxy that hides all of its clients.
 */
export class AbuseLimits {
  /** Of addresses that have proven to be the sender's. */
  readonly requests: RequestLimiter;
  /**
   * Of addresses that packets merely name. These are counted by themselves: whoever forges an address uses up nothing of
   * what its owner may ask once it is proven, and cannot have the tracker send a flood there. Both draw on one budget for
   * the first step of the proof.
   */
  readonly unproven: RequestLimiter;
  readonly connections: ConnectionLimiter;

  /** @param exempt more ranges that are not limited, such as proxies that speak for many */
  constructor(budget: AddressBudget, exempt: readonly AddressRange[] = []) {
    const free = [...LOOPBACK, ...exempt];
    this.requests = new RequestLimiter(free);
    this.unproven = new RequestLimiter(free);
    this.connections = new ConnectionLimiter(free);
    this.configure(budget);
  }

  /** Goes by another budget from now on. */
  configure({ requestsPerSecond, requestBurst, connectionsPerAddress }: AddressBudget): void {
    this.requests.configure(requestsPerSecond, requestBurst);
    this.unproven.configure(requestsPerSecond, requestBurst);
    this.connections.configure(connectionsPerAddress);
  }

  stats(): AbuseStats {
    return {
      requestsRefused: this.requests.refused,
      unprovenRefused: this.unproven.refused,
      connectionsRefused: this.connections.refused,
    };
  }
}

const LOOPBACK = [parseAddressRange('127.0.0.0/8')!, parseAddressRange('::1')!];
