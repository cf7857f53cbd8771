import { strangerKey } from '../../util/index.ts';

/** Bytes that wait in the tracker's memory, such as a body of which the rest has not arrived. */
export interface KeptPart {
  /** Whoever they are kept for. @param ip 4 or 16 bytes */
  readonly ip: Uint8Array;
  /** How many; grows while it is kept. */
  bytes: number;
  /** Gives it up, so that others have room. */
  giveUp(): void;
}

export interface KeptBytesLimits {
  readonly maxPerAddress: number;
  readonly maxInAll: number;
}

/**
 * Holds the bytes that are kept for one address, over IPv6 one /48, to a limit, and those of all. When all of it is taken,
 * the one for whom most is kept loses a part, and not the one who came last.
 */
export class KeptBytes {
  readonly #limits: KeptBytesLimits;
  readonly #parts = new Map<number | string, Set<KeptPart>>();
  #inAll = 0;

  constructor(limits: KeptBytesLimits) {
    this.#limits = limits;
  }

  /** Bytes that are kept for all. */
  get inAll(): number {
    return this.#inAll;
  }

  /** Bytes that are kept for an address. */
  of(ip: Uint8Array): number {
    let sum = 0;
    for (const { bytes } of this.#parts.get(strangerKey(ip)) ?? []) sum += bytes;
    return sum;
  }

  /** Begins to count a part. {@link end} is to be called once. */
  begin(part: KeptPart): void {
    const network = strangerKey(part.ip);
    const parts = this.#parts.get(network);
    if (parts === undefined) this.#parts.set(network, new Set([part]));
    else parts.add(part);
    this.#inAll += part.bytes;
  }

  /**
   * Counts more bytes of a part that has begun.
   *
   * @returns whether there is room for them; where there is not, they are counted all the same, and the part is to end
   */
  add(part: KeptPart, bytes: number): boolean {
    part.bytes += bytes;
    this.#inAll += bytes;
    if (this.of(part.ip) > this.#limits.maxPerAddress) return false;
    while (this.#inAll > this.#limits.maxInAll) {
      const greediest = this.#greediest();
      if (greediest === undefined || strangerKey(greediest.ip) === strangerKey(part.ip)) return false;
      this.end(greediest);
      greediest.giveUp();
    }
    return true;
  }

  /** Counts a part no more. Does nothing when it has ended. */
  end(part: KeptPart): void {
    const network = strangerKey(part.ip);
    const parts = this.#parts.get(network);
    if (parts?.delete(part) !== true) return;
    this.#inAll -= part.bytes;
    if (parts.size === 0) this.#parts.delete(network);
  }

  /** The largest part of the address for which most is kept. */
  #greediest(): KeptPart | undefined {
    let [most, largest]: [number, KeptPart | undefined] = [0, undefined];
    for (const parts of this.#parts.values()) {
      let sum = 0;
      let own: KeptPart | undefined;
      for (const part of parts) {
        sum += part.bytes;
        if (own === undefined || part.bytes > own.bytes) own = part;
      }
      if (sum > most) [most, largest] = [sum, own];
    }
    return largest;
  }
}
