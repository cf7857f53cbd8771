/** Bytes of a key. */
export const SIP_HASH_KEY_BYTES = 16;

/**
 * SipHash-2-4, the keyed hash for short messages (Aumasson, Bernstein: "SipHash: a fast short-input PRF"). It is written here
 * because an HMAC of `node:crypto` costs twenty times as much for eight bytes, more than all the rest of an announce.
 *
 * A word of 64 bits is a pair of 32-bit numbers: high, low.
 */
export class SipHash {
  /** The halves of the last digest, each a signed 32-bit number. */
  high = 0;
  low = 0;
  readonly #start: Int32Array;
  readonly #state = new Int32Array(8);

  /** @param key {@link SIP_HASH_KEY_BYTES} bytes; they are copied */
  constructor(key: Uint8Array) {
    const [k0Low, k0High, k1Low, k1High] = [0, 4, 8, 12].map((at) => readWord(key, at)) as [
      number,
      number,
      number,
      number,
    ];
    this.#start = Int32Array.of(
      k0High ^ 0x736f6d65,
      k0Low ^ 0x70736575,
      k1High ^ 0x646f7261,
      k1Low ^ 0x6e646f6d,
      k0High ^ 0x6c796765,
      k0Low ^ 0x6e657261,
      k1High ^ 0x74656462,
      k1Low ^ 0x79746573,
    );
  }

  /** Hashes a message of less than 256 bytes into {@link SipHash.high} and {@link SipHash.low}. */
  digest(message: Uint8Array): void {
    const state = this.#state;
    state.set(this.#start);
    const whole = message.length & ~7;
    for (let at = 0; at < whole; at += 8) {
      compress(state, readWord(message, at + 4), readWord(message, at));
    }
    compress(state, readTail(message, whole + 4) | (message.length << 24), readTail(message, whole));
    state[5]! ^= 0xff;
    rounds(state, 4);
    this.high = state[0]! ^ state[2]! ^ state[4]! ^ state[6]!;
    this.low = state[1]! ^ state[3]! ^ state[5]! ^ state[7]!;
  }
}

function compress(state: Int32Array, high: number, low: number): void {
  state[6]! ^= high;
  state[7]! ^= low;
  rounds(state, 2);
  state[0]! ^= high;
  state[1]! ^= low;
}

/** Runs rounds of the paper's figure 2.1 on local variables. */
function rounds(state: Int32Array, count: number): void {
  let [h0, l0, h1, l1] = [state[0]!, state[1]!, state[2]!, state[3]!];
  let [h2, l2, h3, l3] = [state[4]!, state[5]!, state[6]!, state[7]!];
  let high = 0;
  for (let round = 0; round < count; round += 1) {
    l0 = (l0 + l1) | 0;
    h0 = (h0 + h1 + carry(l0, l1)) | 0;
    high = (h1 << 13) | (l1 >>> 19);
    l1 = ((l1 << 13) | (h1 >>> 19)) ^ l0;
    h1 = high ^ h0;
    high = l0;
    l0 = h0;
    h0 = high;

    l2 = (l2 + l3) | 0;
    h2 = (h2 + h3 + carry(l2, l3)) | 0;
    high = (h3 << 16) | (l3 >>> 16);
    l3 = ((l3 << 16) | (h3 >>> 16)) ^ l2;
    h3 = high ^ h2;

    l0 = (l0 + l3) | 0;
    h0 = (h0 + h3 + carry(l0, l3)) | 0;
    high = (h3 << 21) | (l3 >>> 11);
    l3 = ((l3 << 21) | (h3 >>> 11)) ^ l0;
    h3 = high ^ h0;

    l2 = (l2 + l1) | 0;
    h2 = (h2 + h1 + carry(l2, l1)) | 0;
    high = (h1 << 17) | (l1 >>> 15);
    l1 = ((l1 << 17) | (h1 >>> 15)) ^ l2;
    h1 = high ^ h2;
    high = l2;
    l2 = h2;
    h2 = high;
  }
  state[0] = h0;
  state[1] = l0;
  state[2] = h1;
  state[3] = l1;
  state[4] = h2;
  state[5] = l2;
  state[6] = h3;
  state[7] = l3;
}

/** Finds the carry of a 32-bit addition. @param sum the sum @param added one of its two parts */
function carry(sum: number, added: number): 0 | 1 {
  return sum >>> 0 < added >>> 0 ? 1 : 0;
}

function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Reads a word as {@link readWord} does, with 0 for the bytes behind the end. */
function readTail(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let end = Math.min(at + 4, bytes.length) - 1; end >= at; end -= 1) word = (word << 8) | bytes[end]!;
  return word;
}
