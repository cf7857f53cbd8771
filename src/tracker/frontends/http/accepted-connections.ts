import type { ClientAddress } from '../../core/index.ts';
import {
  type AddressLimits,
  FairTable,
  type Seat,
  type Sitter,
  TLS_HANDSHAKE_COST,
} from '../../guard/rate-limit/index.ts';
import type { TransportCounters } from '../../metrics/index.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import type { OpenConnection } from './open-connection.ts';

export interface AcceptedConnectionsOptions {
  readonly rateLimits: AddressLimits;
  readonly clientAddresses: ClientAddresses;
  readonly counters: TransportCounters;
}

/** A connection that was accepted, whatever is spoken on it. */
export class Client implements Sitter {
  /** At the other end of the connection. */
  readonly clientAddress: ClientAddress;
  /** For whom it was opened: the same, unless a proxy names another. */
  named: ClientAddress;
  /** Who has it now. */
  connection: OpenConnection = NOBODY;
  /** Among those of its port; it has one from the start to the end. */
  seat: Seat<Client> | undefined;
  /** Those for which it counts. */
  readonly addresses: Uint8Array[] = [];

  constructor(clientAddress: ClientAddress) {
    this.clientAddress = clientAddress;
    this.named = clientAddress;
  }

  /** Who has the least time left has said the least: nothing yet, half a request, or nothing for long. */
  get rank(): number {
    const { deadline, isBusy } = this.connection;
    return isBusy === true ? Number.MAX_VALUE : deadline;
  }

  /** Whether nothing is being answered, and it is no WebSocket. */
  get isIdle(): boolean {
    return this.rank < Number.MAX_VALUE;
  }

  giveWay(): void {
    this.connection.cut();
  }
}

const NOBODY: OpenConnection = { deadline: Number.POSITIVE_INFINITY, drain: () => {}, cut: () => {} };

/** Whether two addresses have one limit: the same IPv4 address, or IPv6 addresses of the same /64. */
function isSameAddress(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => at >= 8 || byte === b[at]);
}

/**
 * The connections of a port that have not ended, whoever has them. Those of an address, and how many it opens by the
 * second, are limited; when there are as many as the port may have, the network with the most gives one up.
 */
export class AcceptedConnections {
  readonly #options: AcceptedConnectionsOptions;
  readonly #seats: FairTable<Client>;
  #count = 0;
  /** Is called when there are none. */
  #onLast = (): void => {};

  /** @param max as many at once */
  constructor(max: number, options: AcceptedConnectionsOptions) {
    this.#seats = new FairTable(max);
    this.#options = options;
  }

  /** As many at once from now on; those that are open stay. */
  set max(max: number) {
    this.#seats.max = max;
  }

  /**
   * Counts a connection, unless its address has or opens too many.
   *
   * @param client `undefined`: the client has gone already
   * @returns one that is counted: then {@link release} is to be called once, when it has ended
   */
  admit(clientAddress: ClientAddress | undefined, now: number): Client | undefined {
    if (clientAddress === undefined) return undefined;
    const { rateLimits, counters } = this.#options;
    if (!rateLimits.arrivals.admits(clientAddress.ip, 1, now) || !this.#admits(clientAddress))
      return undefined;
    const client = new Client(clientAddress);
    if (this.#seats.size >= this.#seats.max) counters.turnedAway += 1;
    client.seat = this.#seats.add(client, clientAddress.ip);
    if (client.seat === undefined) {
      rateLimits.connections.release(clientAddress.ip);
      return undefined;
    }
    client.addresses.push(clientAddress.ip);
    this.#count += 1;
    return client;
  }

  /** Notes for whom a proxy has opened a connection. @returns whether it is taken; else it is to be ended */
  name(client: Client, named: ClientAddress, now: number): boolean {
    client.named = named;
    if (!this.#options.rateLimits.arrivals.admits(named.ip, 1, now) || !this.#admits(named)) return false;
    client.addresses.push(named.ip);
    if (client.seat !== undefined) this.#seats.move(client.seat, named.ip);
    return true;
  }

  /** Notes that a client has begun to speak HTTP: a proxy that asks for many is never asked to give way from then on. */
  onSpoken(client: Client): void {
    const { named, seat } = client;
    if (seat !== undefined && this.#options.clientAddresses.isProxy(named)) this.#seats.move(seat, undefined);
  }

  /** Whether a client may begin a handshake of TLS: it counts as several connections, the one that is there among them. */
  mayShakeHands({ named }: Client, now: number): boolean {
    return this.#options.rateLimits.arrivals.admits(named.ip, TLS_HANDSHAKE_COST - 1, now);
  }

  release(client: Client): void {
    this.#uncount(client);
    if (client.seat !== undefined) this.#seats.remove(client.seat);
    this.#count -= 1;
    if (this.#count === 0) this.#onLast();
  }

  /** Counts a connection of an address, for which another of it gives way when it has as many as it may have. */
  #admits({ ip }: ClientAddress): boolean {
    const { connections } = this.#options.rateLimits;
    if (connections.admit(ip)) return true;
    const gone = this.#seats.takeFromOwn(ip, (client) => client.isIdle && isSameAddress(client.named.ip, ip));
    if (gone === undefined) return false;
    // What it has may take a moment to end.
    this.#uncount(gone);
    return connections.admit(ip);
  }

  #uncount({ addresses }: Client): void {
    for (const ip of addresses) this.#options.rateLimits.connections.release(ip);
    addresses.length = 0;
  }

  /** Waits until all have ended. */
  async ended(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      this.#onLast = resolve;
    });
  }
}
