const PEER_ID_BYTES = 20;
const NO_BYTES = new Uint8Array();
const NO_TIMES = new Uint32Array();

/**
 * Peers in columns, one row each: addresses in a row as an answer carries them, so that picking peers is copying bytes.
 * Knows nothing about what the order of rows means.
 */
export class PeerRows {
  /** Bytes of an address: 6 or 18. */
  readonly addressSize: number;
  capacity = 0;
  addresses: Uint8Array = NO_BYTES;
  peerIds: Uint8Array = NO_BYTES;
  /** When each was last heard of, in whole seconds. */
  seenAt: Uint32Array = NO_TIMES;

  constructor(addressSize: number) {
    this.addressSize = addressSize;
  }

  /** Makes room for `capacity` rows, or gives room back; the first `count` rows stay. */
  resize(capacity: number, count: number): void {
    const addresses = new Uint8Array(capacity * this.addressSize);
    addresses.set(this.addresses.subarray(0, count * this.addressSize));
    this.addresses = addresses;
    const peerIds = new Uint8Array(capacity * PEER_ID_BYTES);
    peerIds.set(this.peerIds.subarray(0, count * PEER_ID_BYTES));
    this.peerIds = peerIds;
    const seenAt = new Uint32Array(capacity);
    seenAt.set(this.seenAt.subarray(0, count));
    this.seenAt = seenAt;
    this.capacity = capacity;
  }

  setAddress(row: number, address: Uint8Array): void {
    this.addresses.set(address, row * this.addressSize);
  }

  setPeerId(row: number, peerId: Uint8Array): void {
    this.peerIds.set(peerId, row * PEER_ID_BYTES);
  }

  addressAt(row: number): Uint8Array {
    return this.addresses.subarray(row * this.addressSize, (row + 1) * this.addressSize);
  }

  hasAddress(row: number, address: Uint8Array): boolean {
    const start = row * this.addressSize;
    for (let at = this.addressSize - 1; at >= 0; at -= 1) {
      if (this.addresses[start + at] !== address[at]) return false;
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
