import { type AddressRange, isInRange, PEER_ID_BYTES } from '../../../util/index.ts';
import type { SwarmQuestion } from '../swarm-store.ts';
import type { PeerRows } from './peer-rows.ts';

/** The peers of one family that are picked for a response. It copies rows until it is full. */
export class PeerPick {
  readonly #addressSize: number;
  readonly #addresses: Buffer;
  readonly #peerIds: Buffer | undefined;
  readonly #limit: number;
  /** The peer id of the asking peer, which is not handed out to itself. */
  readonly asker: Uint8Array;
  /** The ranges whose peers are handed out first. */
  readonly #near: readonly AddressRange[];
  #count = 0;

  constructor(addressSize: number, limit: number, asker: Uint8Array, question: SwarmQuestion) {
    this.#addressSize = addressSize;
    this.#limit = limit;
    this.asker = asker;
    this.#near = question.near?.filter(({ prefix }) => prefix.length === addressSize - 2) ?? EVERYWHERE;
    // The memory is from Node's pool, because allocating it separately would cost more than all the rest of an announce.
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

  /** Whether there are addresses that come first. */
  get prefersNear(): boolean {
    return this.#near.length > 0;
  }

  isNear(rows: PeerRows, row: number): boolean {
    const at = row * this.#addressSize;
    return this.#near.some((range) => isInRange(rows.addresses, at, range));
  }

  /** Tells whether the row is the asker's. */
  isAsker(rows: PeerRows, row: number): boolean {
    return rows.isPeer(row, this.asker);
  }

  /** Copies up to `want` of the rows [from, to), from `start` on and wrapping around. It looks at one more at most. */
  takeRound(rows: PeerRows, from: number, to: number, start: number, want: number): void {
    const run = Math.min(want + 1, to - from);
    const end = Math.min(start + run, to);
    const rest = from + run - (end - start);
    const limit = this.#count + want;
    this.#take(rows, start, end, limit);
    this.#take(rows, from, rest, limit);
  }

  /** Copies the first `want` of some rows, none of which is the asking peer's. */
  takeEach(rows: PeerRows, some: ArrayLike<number>, want: number): void {
    const count = Math.min(want, some.length);
    for (let at = 0; at < count; at += 1) {
      const row = some[at]!;
      rows.copyAddress(row, this.#addresses, (this.#count + at) * this.#addressSize);
      if (this.#peerIds !== undefined)
        rows.copyPeerId(row, this.#peerIds, (this.#count + at) * PEER_ID_BYTES);
    }
    this.#count += count;
  }

  /** Copies the rows [from, to) without the asking peer's, up to `limit` in all. */
  #take(rows: PeerRows, from: number, to: number, limit: number): void {
    for (let start = from; start < to; ) {
      const end = rows.findPeerId(start, to, this.asker);
      this.#copy(rows, start, end, limit);
      start = end + 1;
    }
  }

  #copy(rows: PeerRows, from: number, to: number, limit: number): void {
    const end = Math.min(to, from + limit - this.#count);
    if (end <= from) return;
    rows.copyAddresses(from, end, this.#addresses, this.#count * this.#addressSize);
    if (this.#peerIds !== undefined) {
      const at = this.#count * PEER_ID_BYTES;
      rows.peerIds.copy(this.#peerIds, at, from * PEER_ID_BYTES, end * PEER_ID_BYTES);
    }
    this.#count += end - from;
  }
}

const EVERYWHERE: readonly AddressRange[] = [];
const NO_BYTES = Buffer.alloc(0);

function firstBytes(bytes: Buffer, length: number): Buffer {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}
