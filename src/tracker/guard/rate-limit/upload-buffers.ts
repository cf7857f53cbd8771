import { clientKey } from '../../../util/index.ts';

/** Bytes that wait in the tracker's memory, such as a body of which the rest has not arrived. */
export interface UploadBuffer {
  /** Whoever they are kept for. @param ip 4 or 16 bytes */
  readonly ip: Uint8Array;
  /** How many; grows while it is kept. */
  bytes: number;
  /** Gives it up, so that others have room. */
  giveUp(): void;
}

export interface UploadBufferLimits {
  readonly maxPerAddress: number;
  readonly maxInAll: number;
}

/** The parts that are kept for one address. */
interface BuffersOfAddress {
  readonly parts: Set<UploadBuffer>;
  /** The bytes of all of them: added up anew for each chunk, many parts would make chunks expensive. */
  bytes: number;
}

/**
 * Holds the bytes that are kept for one address, over IPv6 one /48, to a limit, and those of all. When all of it is taken,
 * the one for whom most is kept loses a part, and not the one who came last.
 */
export class UploadBuffers {
  readonly #limits: UploadBufferLimits;
  readonly #addresses = new Map<number | string, BuffersOfAddress>();
  #inAll = 0;

  constructor(limits: UploadBufferLimits) {
    this.#limits = limits;
  }

  /** Bytes that are kept for all. */
  get inAll(): number {
    return this.#inAll;
  }

  /** Bytes that are kept for an address. */
  of(ip: Uint8Array): number {
    return this.#addresses.get(clientKey(ip))?.bytes ?? 0;
  }

  /** Begins to count a part. {@link end} is to be called once. */
  begin(part: UploadBuffer): void {
    const network = clientKey(part.ip);
    const kept = this.#addresses.get(network) ?? { parts: new Set(), bytes: 0 };
    this.#addresses.set(network, kept);
    kept.parts.add(part);
    kept.bytes += part.bytes;
    this.#inAll += part.bytes;
  }

  /**
   * Counts more bytes of a part that has begun.
   *
   * @returns whether there is room for them; where there is not, they are counted all the same, and the part is to end
   */
  add(part: UploadBuffer, bytes: number): boolean {
    const kept = this.#addresses.get(clientKey(part.ip));
    // A part that was given up is counted no more.
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

  /** Counts a part no more. Does nothing when it has ended. */
  end(part: UploadBuffer): void {
    const network = clientKey(part.ip);
    const kept = this.#addresses.get(network);
    if (kept?.parts.delete(part) !== true) return;
    kept.bytes -= part.bytes;
    this.#inAll -= part.bytes;
    if (kept.parts.size === 0) this.#addresses.delete(network);
  }

  /** The largest part of the address for which most is kept. */
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
