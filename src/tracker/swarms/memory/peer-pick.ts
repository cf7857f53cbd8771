import { type AddressRange, isInRange } from '../address-range.ts';
import type { SwarmQuestion } from '../swarm-store.ts';
import type { Span } from './key-index.ts';
import { PEER_ID_BYTES, type PeerRows } from './peer-rows.ts';

/** Rows of which those nearby are found: in a larger swarm, of so many from a random one on. */
const NEARBY_ROWS = 512;

/** Peers of one family on their way into an answer: takes copies of rows until it is full. */
export class PeerPick {
  readonly #addressSize: number;
  readonly #addresses: Buffer;
  readonly #peerIds: Buffer | undefined;
  readonly #limit: number;
  /** The peer id that is not handed out: the asker's. */
  readonly #except: Uint8Array;
  /** Where peers are handed out from first. */
  readonly #near: readonly AddressRange[];
  #count = 0;

  constructor(addressSize: number, limit: number, except: Uint8Array, question: SwarmQuestion) {
    this.#addressSize = addressSize;
    this.#limit = limit;
    this.#except = except;
    this.#near = question.near?.filter(({ prefix }) => prefix.length === addressSize - 2) ?? EVERYWHERE;
    // Out of Node's pool: memory of its own would cost more than all the rest of an announce.
    this.#addresses = limit === 0 ? NO_BYTES : Buffer.allocUnsafe(limit * addressSize);
    this.#peerIds = question.withPeerIds ? Buffer.allocUnsafe(limit * PEER_ID_BYTES) : undefined;
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

  /** Copies up to `want` of a table's rows [from, to), from `start` on and going round: those nearby first. */
  takeRound(rows: PeerRows, table: Span, from: number, to: number, start: number, want: number): void {
    const isEverywhere = this.#near.length === 0;
    const run = Math.min(isEverywhere ? want + 1 : Math.max(want + 1, NEARBY_ROWS), to - from);
    const end = Math.min(start + run, to);
    const rest = from + run - (end - start);
    const limit = this.#count + want;
    if (isEverywhere) {
      this.#take(rows, table, start, end, limit);
      this.#take(rows, table, from, rest, limit);
      return;
    }
    for (const near of [true, false]) {
      this.#takeEach(rows, table, start, end, limit, near);
      this.#takeEach(rows, table, from, rest, limit, near);
    }
  }

  /** Copies the rows [from, to) in runs that end at the asker's, as far as `limit` in all. */
  #take(rows: PeerRows, table: Span, from: number, to: number, limit: number): void {
    for (let start = from; start < to; ) {
      const end = rows.findPeerId(table, start, to, this.#except);
      this.#copy(rows, table, start, end, limit);
      start = end + 1;
    }
  }

  /** Copies those of the rows [from, to) that are near, or those that are not, as far as `limit` in all. */
  #takeEach(rows: PeerRows, table: Span, from: number, to: number, limit: number, near: boolean): void {
    for (let row = from; row < to && this.#count < limit; row += 1) {
      if (this.#near.some((range) => isInRange(rows.bytes, rows.addressAt(table, row), range)) !== near)
        continue;
      if (rows.findPeerId(table, row, row + 1, this.#except) !== row)
        this.#copy(rows, table, row, row + 1, limit);
    }
  }

  #copy(rows: PeerRows, table: Span, from: number, to: number, limit: number): void {
    const end = Math.min(to, from + limit - this.#count);
    if (end <= from) return;
    const count = this.#count;
    const addresses = rows.addressAt(table, from);
    rows.bytes.copy(this.#addresses, count * this.#addressSize, addresses, rows.addressAt(table, end));
    if (this.#peerIds !== undefined) {
      const peerIds = rows.peerIdAt(table, from);
      rows.bytes.copy(this.#peerIds, count * PEER_ID_BYTES, peerIds, rows.peerIdAt(table, end));
    }
    this.#count += end - from;
  }
}

const EVERYWHERE: readonly AddressRange[] = [];
const NO_BYTES = Buffer.alloc(0);

function firstBytes(bytes: Buffer, length: number): Buffer {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}
