import {
  checkArgument,
  INFO_HASH_BYTES,
  type InfoHash,
  infoHashFromBytes,
  infoHashToBytes,
  PEER_ID_BYTES,
  type ValueRule,
  valueRules,
} from '../util/index.ts';
import { WireError } from './wire-error.ts';

/** The bytes of a handshake. @see BEP 3 */
export const HANDSHAKE_BYTES = 68;

const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1');
const RESERVED_AT = PROTOCOL.length;
const INFO_HASH_AT = RESERVED_AT + 8;
const PEER_ID_AT = INFO_HASH_AT + INFO_HASH_BYTES;

/** The extensions that a peer offers in the reserved bytes. An extension is on when both ends offer it. */
export interface Supports {
  /** The Fast extension. @see BEP 6 */
  readonly fast: boolean;
  /** The extension protocol. @see BEP 10 */
  readonly extended: boolean;
  /** The DHT. @see BEP 5 */
  readonly dht: boolean;
  /** The hash messages of v2 torrents. @see BEP 52 */
  readonly v2: boolean;
}

/** The message with which each end of a connection begins. @see BEP 3 */
export interface Handshake {
  readonly infoHash: InfoHash;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly supports: Supports;
}

/** The part of a handshake before the peer id. */
export type HandshakeOpening = Omit<Handshake, 'peerId'>;

const INFO_HASH: ValueRule = {
  wants: 'an info-hash of 40 hex digits',
  takes: (value) => typeof value === 'string' && /^[0-9a-f]{40}$/i.test(value),
};

/**
 * Writes a handshake.
 *
 * @returns 68 new bytes, which the caller owns
 * @throws {ArgumentError} when the info-hash or the peer id has the wrong type or length
 */
export function encodeHandshake(handshake: Handshake): Uint8Array {
  checkArgument('encodeHandshake()', 'handshake', handshake, valueRules.object);
  const { infoHash, peerId, supports } = handshake;
  checkArgument('encodeHandshake()', 'infoHash', infoHash, INFO_HASH);
  checkArgument('encodeHandshake()', 'peerId', peerId, valueRules.bytes);
  checkArgument('encodeHandshake()', 'supports', supports, valueRules.object);
  if (peerId.length !== PEER_ID_BYTES) {
    throw new RangeError(
      `Cannot write a handshake: a peer id has ${PEER_ID_BYTES} bytes, not ${peerId.length}`,
    );
  }
  const bytes = new Uint8Array(HANDSHAKE_BYTES);
  bytes.set(PROTOCOL);
  if (supports.extended) bytes[RESERVED_AT + 5]! |= 0x10;
  if (supports.dht) bytes[RESERVED_AT + 7]! |= 0x01;
  if (supports.fast) bytes[RESERVED_AT + 7]! |= 0x04;
  if (supports.v2) bytes[RESERVED_AT + 7]! |= 0x10;
  bytes.set(infoHashToBytes(infoHash), INFO_HASH_AT);
  bytes.set(peerId, PEER_ID_AT);
  return bytes;
}

/** A reader of a handshake that arrives in any number of parts. */
export class HandshakeReader {
  readonly #bytes = new Uint8Array(HANDSHAKE_BYTES);
  #length = 0;

  /**
   * Takes the next bytes of the stream; they are copied.
   *
   * @returns the number of bytes that belong to the handshake; the others are the start of the first message
   * @throws {WireError} `NOT_BITTORRENT`, at the first byte that is wrong
   */
  push(bytes: Uint8Array): number {
    checkArgument('push()', 'bytes', bytes, valueRules.bytes);
    const taken = Math.min(bytes.length, HANDSHAKE_BYTES - this.#length);
    for (let at = 0; at < taken; at += 1, this.#length += 1) {
      if (this.#length < PROTOCOL.length && bytes[at] !== PROTOCOL[this.#length]) {
        throw new WireError(
          'NOT_BITTORRENT',
          `Cannot read a handshake: byte ${this.#length} is ${bytes[at]} instead of ${PROTOCOL[this.#length]}, so this is not BitTorrent`,
        );
      }
      this.#bytes[this.#length] = bytes[at]!;
    }
    return taken;
  }

  /**
   * The handshake without its peer id, or `undefined` until these bytes are there. Some peers wait for our handshake
   * before they send their peer id.
   */
  get opening(): HandshakeOpening | undefined {
    if (this.#length < PEER_ID_AT) return undefined;
    const last = this.#bytes[RESERVED_AT + 7]!;
    return {
      infoHash: infoHashFromBytes(this.#bytes.subarray(INFO_HASH_AT, PEER_ID_AT)),
      supports: {
        fast: (last & 0x04) !== 0,
        extended: (this.#bytes[RESERVED_AT + 5]! & 0x10) !== 0,
        dht: (last & 0x01) !== 0,
        v2: (last & 0x10) !== 0,
      },
    };
  }

  /** The whole handshake, or `undefined` until all of its bytes are there. */
  get handshake(): Handshake | undefined {
    const { opening } = this;
    if (opening === undefined || this.#length < HANDSHAKE_BYTES) return undefined;
    return { ...opening, peerId: this.#bytes.slice(PEER_ID_AT) };
  }
}
