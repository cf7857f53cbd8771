import { type AddressRange, clientKey, isInAnyRange } from '../../../util/index.ts';

/** Bytes that all connections of an address together, over IPv6 of a /48, may make the tracker keep. */
export const MAX_HELD_BYTES_PER_ADDRESS = 64 * 1024 * 1024;
/** The same of all connections. */
export const MAX_HELD_BYTES = 512 * 1024 * 1024;

/** The part of these from which on answers that may be long are not begun: they wait until some was read. */
const WAITING_PART = 0.5;
/** What an address may have kept without waiting even when as much is kept for others. */
const MODEST_PART = 1 / 16;

/** A connection for which bytes are kept: answers that are not read, and requests that are not whole. */
export interface BufferedConnection {
  /** How many there are now. */
  readonly heldBytes: number;
  /** Ends the connection. */
  cut(): void;
}

/** All connections of an address for which something is kept. */
export interface Account {
  readonly key: number | string;
  readonly holdings: Set<ConnectionBuffer>;
  readonly isExempt: boolean;
  bytes: number;
}

/**
 * Adds up what is kept for the connections of each address. When that is too much, the connection ends for which the most
 * is kept: nothing is kept any more for one that does not read, whatever the number of its connections.
 */
export class ConnectionBuffers {
  readonly #exempt: readonly AddressRange[];
  readonly #accounts = new Map<number | string, Account>();
  readonly #maxPerAddress: number;
  readonly #max: number;
  #bytes = 0;
  #cut = 0;
  #isRelieving = false;

  /** @param exempt ranges whose own sum is not limited: proxies, and this machine */
  constructor(
    exempt: readonly AddressRange[],
    maxPerAddress = MAX_HELD_BYTES_PER_ADDRESS,
    max = MAX_HELD_BYTES,
  ) {
    this.#exempt = exempt;
    this.#maxPerAddress = maxPerAddress;
    this.#max = max;
  }

  /** Bytes of all connections, as they have told. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Connections that were ended. */
  get cut(): number {
    return this.#cut;
  }

  /** Whether there is room for more that an address makes the tracker keep, without anything that would have to end. */
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

  /** Notes that an account has changed, and ends connections while there is too much. */
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
    // Much of it may have been read since it was told.
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

/** What is kept for one connection. */
export class ConnectionBuffer {
  /** As they were counted last. */
  bytes = 0;
  readonly #held: ConnectionBuffers;
  readonly #ip: Uint8Array;
  readonly #holder: BufferedConnection;
  #account: Account | undefined;
  #isOver = false;

  /** @param ip of the connection's other end, or of whom a proxy has opened it for */
  constructor(held: ConnectionBuffers, ip: Uint8Array, holder: BufferedConnection) {
    this.#held = held;
    this.#ip = ip;
    this.#holder = holder;
  }

  /** Counts what is kept now; that may end this connection, or another of the address. */
  update(): void {
    if (!this.#isOver) this.#count(this.#holder.heldBytes);
  }

  /** The connection has ended: nothing is kept any more. */
  end(): void {
    this.#isOver = true;
    this.#count(0);
  }

  /** Ends the connection, and what is kept for it. */
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
