const PEER_ID_BYTES = 20;
const NO_BYTES = Buffer.alloc(0);
const NO_TIMES = new Uint32Array();

/**
 * Peers in columns, one row each: addresses in a row as an answer carries them, so that picking peers is copying bytes.
 * Knows nothing about what the order of rows means.
 */
export class PeerRows {
  /** Bytes of an address: 6 or 18. */
  readonly addressSize: number;
  capacity = 0;
  addresses: Buffer = NO_BYTES;
  peerIds: Buffer = NO_BYTES;
  /** When each was last heard of, in whole seconds. */
  seenAt: Uint32Array = NO_TIMES;

  constructor(addressSize: number) {
    this.addressSize = addressSize;
  }

  /** Makes room for `capacity` rows, or gives room back; the first `count` rows stay. */
  resize(capacity: number, count: number): void {
    const addresses = Buffer.alloc(capacity * this.addressSize);
    this.addresses.copy(addresses, 0, 0, count * this.addressSize);
    this.addresses = addresses;
    const peerIds = Buffer.alloc(capacity * PEER_ID_BYTES);
    this.peerIds.copy(peerIds, 0, 0, count * PEER_ID_BYTES);
    this.peerIds = peerIds;
    const seenAt = new Uint32Array(capacity);
    seenAt.set(this.seenAt.subarray(0, count));
    this.seenAt = seenAt;
    this.capacity = capacity;
  }

  setAddress(row: number, address: Uint8Array): void {
    for (let at = 0; at < this.addressSize; at += 1)
      this.addresses[row * this.addressSize + at] = address[at]!;
  }

  setPeerId(row: number, peerId: Uint8Array): void {
    for (let at = 0; at < PEER_ID_BYTES; at += 1) this.peerIds[row * PEER_ID_BYTES + at] = peerId[at]!;
  }

  /** Whether the row has the address that starts at `start` in `bytes`. */
  hasAddress(row: number, bytes: Uint8Array, start: number): boolean {
    const own = row * this.addressSize;
    for (let at = this.addressSize - 1; at >= 0; at -= 1) {
      if (this.addresses[own + at] !== bytes[start + at]) return false;
    }
    return true;
  }

  /** Compared from the end, for peer ids of one program start alike. */
  hasPeerId(row: number, peerId: Uint8Array): boolean {
    const start = row * PEER_ID_BYTES;
    for (let at = PEER_ID_BYTES - 1; at >= 0; at -= 1) {
      if (this.peerIds[start + at] !== peerId[at]) return false;
    }
    return true;
  }

  swapRows(a: number, b: number): void {
    swapBytes(this.addresses, a, b, this.addressSize);
    swapBytes(this.peerIds, a, b, PEER_ID_BYTES);
    const seenAt = this.seenAt[a]!;
    this.seenAt[a] = this.seenAt[b]!;
    this.seenAt[b] = seenAt;
  }
}

function swapBytes(bytes: Uint8Array, a: number, b: number, size: number): void {
  for (let at = 0; at < size; at += 1) {
    const byte = bytes[a * size + at]!;
    bytes[a * size + at] = bytes[b * size + at]!;
    bytes[b * size + at] = byte;
  }
}
