import type { ClientAddress } from '../../core/index.ts';
import {
  type AddressLimits,
  FairTable,
  type Seat,
  type Sitter,
  TLS_HANDSHAKE_COST,
} from '../../guard/rate-limit/index.ts';
import type { RefusalCounters } from '../../metrics/index.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import type { HttpConnection } from './http-connection.ts';

export interface AcceptedConnectionsOptions {
  readonly rateLimits: AddressLimits;
  readonly clientAddresses: ClientAddresses;
  readonly refusals: RefusalCounters;
}

/** One client of a port, from when its connection is accepted until it closes. */
export class Client implements Sitter {
  /** The address at the other end of the connection. */
  readonly clientAddress: ClientAddress;
  /** The address for which the connection was opened: the same, unless a proxy names another. */
  named: ClientAddress;
  connection: HttpConnection = NOT_BEGUN;
  /** The seat among the connections of the port; it is there from the start to the end. */
  seat: Seat<Client> | undefined;
  /** The addresses for which the connection counts. */
  readonly addresses: Uint8Array[] = [];

  constructor(clientAddress: ClientAddress) {
    this.clientAddress = clientAddress;
    this.named = clientAddress;
  }

  /**
   * Orders the connections that may give way by their deadlines: the client with the least time left has sent the least,
   * nothing yet, half a request, or nothing for long.
   */
  get rank(): number {
    const { deadline, isBusy } = this.connection;
    return isBusy ? Number.MAX_VALUE : deadline;
  }

  /** Whether no request is being answered, and the connection is no WebSocket. */
  get isIdle(): boolean {
    return this.rank < Number.MAX_VALUE;
  }

  giveWay(): void {
    this.connection.cut();
  }
}

/** The connection of a client that is accepted and not given to anything yet. */
const NOT_BEGUN: HttpConnection = {
  deadline: Number.POSITIVE_INFINITY,
  isBusy: false,
  check: () => {},
  drain: () => {},
  cut: () => {},
};

/** Tells whether two addresses have one limit: the same IPv4 address, or IPv6 addresses of the same /64. */
function isSameAddress(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => at >= 8 || byte === b[at]);
}

/**
 * The connections of a port that have not closed. How many an address may have, and how many it may open a second, is
 * limited; when there are as many as the port may have, the network with the most gives one up.
 */
export class AcceptedConnections {
  readonly #options: AcceptedConnectionsOptions;
  readonly #seats: FairTable<Client>;
  readonly #clients = new Set<Client>();
  /** The number of all connections, those that have become WebSockets among them. */
  #count = 0;
  /** Is called when the last connection has closed. */
  #onLast = (): void => {};

  /** @param max connections at once */
  constructor(max: number, options: AcceptedConnectionsOptions) {
    this.#seats = new FairTable(max);
    this.#options = options;
  }

  /** Changes how many connections there may be at once; those that are open stay. */
  set max(max: number) {
    this.#seats.max = max;
  }

  /** The clients whose connections the port looks after: all but those that have become WebSockets. */
  get clients(): ReadonlySet<Client> {
    return this.#clients;
  }

  /**
   * Counts a connection, unless its address has or opens too many.
   *
   * @param client the address of the client; `undefined`: it has gone already
   * @returns the client of a connection that is counted; {@link release} has to be called once, when it has closed
   */
  admit(clientAddress: ClientAddress | undefined, now: number): Client | undefined {
    if (clientAddress === undefined) return undefined;
    const { rateLimits, refusals } = this.#options;
    if (!rateLimits.arrivals.admits(clientAddress.ip, 1, now) || !this.#admits(clientAddress))
      return undefined;
    const client = new Client(clientAddress);
    if (this.#seats.size >= this.#seats.max) refusals.connections += 1;
    client.seat = this.#seats.add(client, clientAddress.ip);
    if (client.seat === undefined) {
      rateLimits.connections.release(clientAddress.ip);
      return undefined;
    }
    client.addresses.push(clientAddress.ip);
    this.#clients.add(client);
    this.#count += 1;
    return client;
  }

  /** Notes for which client a proxy has opened a connection. @returns whether it may stay; if not, it has to be closed */
  name(client: Client, named: ClientAddress, now: number): boolean {
    client.named = named;
    if (!this.#options.rateLimits.arrivals.admits(named.ip, 1, now) || !this.#admits(named)) return false;
    client.addresses.push(named.ip);
    if (client.seat !== undefined) this.#seats.move(client.seat, named.ip);
    return true;
  }

  /** Notes that HTTP has begun. A proxy that names the client of each request never gives way from then on. */
  onSpoken(client: Client): void {
    const { named, seat } = client;
    if (seat !== undefined && this.#options.clientAddresses.isProxy(named)) this.#seats.move(seat, undefined);
  }

  /** Says whether a client may begin a TLS handshake, which counts as several connections, the open one among them. */
  mayShakeHands({ named }: Client, now: number): boolean {
    return this.#options.rateLimits.arrivals.admits(named.ip, TLS_HANDSHAKE_COST - 1, now);
  }

  /** Notes that a connection has become a WebSocket, which is counted here and looked after elsewhere. */
  leave(client: Client): void {
    this.#clients.delete(client);
  }

  /** Notes that a connection has closed. */
  release(client: Client): void {
    this.#clients.delete(client);
    this.#uncount(client);
    if (client.seat !== undefined) this.#seats.remove(client.seat);
    this.#count -= 1;
    if (this.#count === 0) this.#onLast();
  }

  /** Counts a connection of an address. When the address has as many as it may have, an idle one of them gives way. */
  #admits({ ip }: ClientAddress): boolean {
    const { connections } = this.#options.rateLimits;
    if (connections.admit(ip)) return true;
    const gone = this.#seats.takeFromOwn(ip, (client) => client.isIdle && isSameAddress(client.named.ip, ip));
    if (gone === undefined) return false;
    // The connection that gives way may take a moment to close.
    this.#uncount(gone);
    return connections.admit(ip);
  }

  #uncount({ addresses }: Client): void {
    for (const ip of addresses) this.#options.rateLimits.connections.release(ip);
    addresses.length = 0;
  }

  /** Waits until all connections have closed. */
  async ended(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      this.#onLast = resolve;
    });
  }
}
