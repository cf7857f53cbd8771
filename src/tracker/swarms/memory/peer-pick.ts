import type { PeerRows } from './peer-rows.ts';

const PEER_ID_BYTES = 20;

/** Peers of one family on their way into an answer: takes copies of rows until it is full. */
export class PeerPick {
  readonly #addressSize: number;
  readonly #addresses: Buffer;
  readonly #peerIds: Buffer | undefined;
  readonly #limit: number;
  #count = 0;

  constructor(addressSize: number, limit: number, withPeerIds: boolean) {
    this.#addressSize = addressSize;
    this.#limit = limit;
    // Out of Node's pool: memory of its own would cost more than all the rest of an announce.
    this.#addresses = Buffer.allocUnsafe(limit * addressSize);
    this.#peerIds = withPeerIds ? Buffer.allocUnsafe(limit * PEER_ID_BYTES) : undefined;
  }

  get count(): number {
    return this.#count;
  }
  get room(): number {
    return this.#limit - this.#count;
  }
  get addresses(): Uint8Array {
    return firstBytes(this.#addresses, this.#count * this.#addressSize);
  }
  get peerIds(): Uint8Array | undefined {
    return this.#peerIds && firstBytes(this.#peerIds, this.#count * PEER_ID_BYTES);
  }

  /**
   * Copies rows [from, to) but those with the peer id `except`.
   *
   * @param want copies so many at most
   * @returns how many were copied
   */
  take(rows: PeerRows, from: number, to: number, want: number, except: Uint8Array): number {
    const before = this.#count;
    let start = from;
    for (let row = from; row < to; row += 1) {
      if (!rows.hasPeerId(row, except)) continue;
      this.#copy(rows, start, row, before + want);
      start = row + 1;
    }
    this.#copy(rows, start, to, before + want);
    return this.#count - before;
  }

  #copy(rows: PeerRows, from: number, to: number, limit: number): void {
    const end = Math.min(to, from + Math.min(limit, this.#limit) - this.#count);
    if (end <= from) return;
    const size = this.#addressSize;
    rows.addresses.copy(this.#addresses, this.#count * size, from * size, end * size);
    if (this.#peerIds !== undefined) {
      const to = this.#count * PEER_ID_BYTES;
      rows.peerIds.copy(this.#peerIds, to, from * PEER_ID_BYTES, end * PEER_ID_BYTES);
    }
    this.#count += end - from;
  }
}

function firstBytes(bytes: Buffer, length: number): Buffer {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}
