import { clientKey } from '../../../util/index.ts';

/** A buffer in the tracker's memory, such as a body of which the rest has not arrived. */
export interface UploadBuffer {
  /** The address of the client whose bytes they are: 4 or 16 bytes. */
  readonly ip: Uint8Array;
  /** The number of bytes; it grows as they arrive. */
  bytes: number;
  /** Drops the buffer, so that others have room. */
  giveUp(): void;
}

export interface UploadBufferLimits {
  readonly maxPerAddress: number;
  readonly maxInAll: number;
}

/** The buffers of one address. */
interface BuffersOfAddress {
  readonly parts: Set<UploadBuffer>;
  /**
   * The number of bytes of all of them. It is kept up to date, because adding up many buffers for each chunk would be
   * expensive.
   */
  bytes: number;
}

/**
 * Holds the bytes that are buffered for one address, over IPv6 one /48, to a limit, and those of all addresses to another.
 * When all room is taken, the address with the most bytes loses a buffer, and not the one that came last.
 */
export class UploadBuffers {
  readonly #limits: UploadBufferLimits;
  readonly #addresses = new Map<number | string, BuffersOfAddress>();
  #inAll = 0;

  constructor(limits: UploadBufferLimits) {
    this.#limits = limits;
  }

  /** Gives the number of bytes of all buffers. */
  get inAll(): number {
    return this.#inAll;
  }

  /** Gives the number of bytes that are buffered for an address. */
  of(ip: Uint8Array): number {
    return this.#addresses.get(clientKey(ip))?.bytes ?? 0;
  }

  /** Begins to count a buffer. {@link end} is to be called once for it. */
  begin(part: UploadBuffer): void {
    const network = clientKey(part.ip);
    const kept = this.#addresses.get(network) ?? { parts: new Set(), bytes: 0 };
    this.#addresses.set(network, kept);
    kept.parts.add(part);
    kept.bytes += part.bytes;
    this.#inAll += part.bytes;
  }

  /**
   * Counts more bytes of a buffer that has begun.
   *
   * @returns whether there is room for them; if not, they are counted all the same, and the caller is to end the buffer
   */
  add(part: UploadBuffer, bytes: number): boolean {
    const kept = this.#addresses.get(clientKey(part.ip));
    // A buffer that was dropped is not counted any more.
    if (kept?.parts.has(part) !== true) return false;
    part.bytes += bytes;
    kept.bytes += bytes;
    this.#inAll += bytes;
    if (kept.bytes > this.#limits.maxPerAddress) return false;
    while (this.#inAll > this.#limits.maxInAll) {
      const greediest = this.#greediest();
      if (greediest === undefined || clientKey(greediest.ip) === clientKey(part.ip)) return false;
      this.end(greediest);
      greediest.giveUp();
    }
    return true;
  }

  /** Stops counting a buffer. Does nothing when it has ended already. */
  end(part: UploadBuffer): void {
    const network = clientKey(part.ip);
    const kept = this.#addresses.get(network);
    if (kept?.parts.delete(part) !== true) return;
    kept.bytes -= part.bytes;
    this.#inAll -= part.bytes;
    if (kept.parts.size === 0) this.#addresses.delete(network);
  }

  /** Finds the largest buffer of the address with the most bytes. */
  #greediest(): UploadBuffer | undefined {
    let greediest: BuffersOfAddress | undefined;
    for (const kept of this.#addresses.values()) {
      if (greediest === undefined || kept.bytes > greediest.bytes) greediest = kept;
    }
    let largest: UploadBuffer | undefined;
    for (const part of greediest?.parts ?? []) {
      if (largest === undefined || part.bytes > largest.bytes) largest = part;
    }
    return largest;
  }
}
