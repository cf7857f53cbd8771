import { type AddressRange, clientKey, isInAnyRange } from '../../../util/index.ts';

/** The most bytes that are buffered for all connections of an address together, over IPv6 of a /48. */
export const MAX_HELD_BYTES_PER_ADDRESS = 64 * 1024 * 1024;
/** The most bytes that are buffered for all connections. */
export const MAX_HELD_BYTES = 512 * 1024 * 1024;

/** The part of these limits from which on no long response is begun: it waits until the client has read some. */
const WAITING_PART = 0.5;
/** The part of its limit that an address may use without waiting even when there is little room left in all. */
const MODEST_PART = 1 / 16;

/** A connection for which bytes are buffered: responses that the client has not read, and requests that are not complete. */
export interface BufferedConnection {
  /** The number of bytes that are buffered now. */
  readonly heldBytes: number;
  /** Closes the connection. */
  cut(): void;
}

/** The account of an address: all its connections for which bytes are buffered. */
export interface Account {
  readonly key: number | string;
  readonly holdings: Set<ConnectionBuffer>;
  readonly isExempt: boolean;
  bytes: number;
}

/**
 * Adds up the bytes that are buffered for the connections of each address. When they are too many, the connection with the
 * most is closed: a client that does not read loses its buffers, whatever the number of its connections.
 */
export class ConnectionBuffers {
  readonly #exempt: readonly AddressRange[];
  readonly #accounts = new Map<number | string, Account>();
  readonly #maxPerAddress: number;
  readonly #max: number;
  #bytes = 0;
  #cut = 0;
  #isRelieving = false;

  /** @param exempt ranges whose own sum is not limited, such as proxies */
  constructor(
    exempt: readonly AddressRange[],
    maxPerAddress = MAX_HELD_BYTES_PER_ADDRESS,
    max = MAX_HELD_BYTES,
  ) {
    this.#exempt = exempt;
    this.#maxPerAddress = maxPerAddress;
    this.#max = max;
  }

  /** Gives the number of bytes of all connections, as they have last told it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gives the number of connections that were closed. */
  get cut(): number {
    return this.#cut;
  }

  /** Says whether there is room for more bytes of an address without closing a connection. */
  hasRoom(ip: Uint8Array): boolean {
    const account = this.#accounts.get(clientKey(ip));
    if (account === undefined || account.isExempt) return true;
    const isCrowded = this.#bytes > this.#max * WAITING_PART;
    return account.bytes <= this.#maxPerAddress * (isCrowded ? MODEST_PART : WAITING_PART);
  }

  /** Finds or opens the account of an address. */
  accountOf(ip: Uint8Array): Account {
    const key = clientKey(ip);
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const opened = {
      key,
      holdings: new Set<ConnectionBuffer>(),
      isExempt: isInAnyRange(ip, this.#exempt),
      bytes: 0,
    };
    this.#accounts.set(key, opened);
    return opened;
  }

  /** Notes that an account has changed, and closes connections while there are too many bytes. */
  onChange(account: Account, change: number): void {
    account.bytes += change;
    this.#bytes += change;
    if (account.holdings.size === 0) this.#accounts.delete(account.key);
    if (change <= 0) return;
    if (!account.isExempt) this.#relieve(account, () => account.bytes > this.#maxPerAddress);
    if (this.#bytes > this.#max) {
      let largest = account;
      for (const other of this.#accounts.values()) if (other.bytes > largest.bytes) largest = other;
      this.#relieve(largest, () => this.#bytes > this.#max);
    }
  }

  #relieve({ holdings }: Account, isTooMuch: () => boolean): void {
    if (this.#isRelieving || !isTooMuch()) return;
    this.#isRelieving = true;
    // Clients may have read much of it since it was counted last.
    for (const holding of holdings) holding.update();
    while (isTooMuch() && holdings.size > 0) {
      let largest: ConnectionBuffer | undefined;
      for (const holding of holdings)
        if (largest === undefined || holding.bytes > largest.bytes) largest = holding;
      this.#cut += 1;
      largest!.cut();
    }
    this.#isRelieving = false;
  }
}

/** The bytes that are buffered for one connection. */
export class ConnectionBuffer {
  /** The number of bytes that was counted last. */
  bytes = 0;
  readonly #held: ConnectionBuffers;
  readonly #ip: Uint8Array;
  readonly #holder: BufferedConnection;
  #account: Account | undefined;
  #isOver = false;

  /** @param ip of the client, which a trusted proxy may have named */
  constructor(held: ConnectionBuffers, ip: Uint8Array, holder: BufferedConnection) {
    this.#held = held;
    this.#ip = ip;
    this.#holder = holder;
  }

  /** Counts the bytes that are buffered now. That may close this connection, or another one of the address. */
  update(): void {
    if (!this.#isOver) this.#count(this.#holder.heldBytes);
  }

  /** Notes that the connection has ended and nothing is buffered any more. */
  end(): void {
    this.#isOver = true;
    this.#count(0);
  }

  /** Closes the connection and drops its buffers. */
  cut(): void {
    this.end();
    this.#holder.cut();
  }

  #count(bytes: number): void {
    const change = bytes - this.bytes;
    if (change === 0) return;
    this.bytes = bytes;
    this.#account ??= this.#held.accountOf(this.#ip);
    const account = this.#account;
    if (bytes === 0) {
      account.holdings.delete(this);
      this.#account = undefined;
    } else account.holdings.add(this);
    this.#held.onChange(account, change);
  }
}
