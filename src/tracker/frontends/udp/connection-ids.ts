import { SIP_HASH_KEY_BYTES, SipHash } from './sip-hash.ts';

/** Milliseconds of a time slot. An id says in which slot it was made. */
const SLOT_MS = 60_000;
/** The number of slots after its own in which an id is valid: the two minutes of BEP 15, and one more. */
const VALID_SLOTS = 3;

/** Bytes of the secret that a tracker's connection ids are made with. */
export const CONNECTION_SECRET_BYTES = SIP_HASH_KEY_BYTES;

/**
 * Makes and checks connection ids, which prove that a client can read what is sent to the address that its packets name. No
 * id is stored: it consists of the time slot in which it was made (8 bits) and a keyed hash of slot and address (56 bits),
 * and is valid for three to four minutes. The port is left out, since a NAT may give every packet another one.
 *
 * @see BEP 15
 */
export class ConnectionIds {
  readonly #hash: SipHash;
  /** The message to hash: address and slot. */
  readonly #ipv4 = Buffer.alloc(4 + 4);
  readonly #ipv6 = Buffer.alloc(16 + 4);

  /** @param secret {@link CONNECTION_SECRET_BYTES} bytes that nobody else knows */
  constructor(secret: Uint8Array) {
    this.#hash = new SipHash(secret);
  }

  /** Writes the id of a client into `target`. @param ip 4 or 16 bytes @param now milliseconds */
  write(target: Buffer, at: number, ip: Uint8Array, now: number): void {
    const slot = slotOf(now);
    this.#digest(ip, slot);
    target.writeInt32BE(this.#high(slot), at);
    target.writeInt32BE(this.#hash.low, at + 4);
  }

  /** Tells whether the id at the start of a packet was made for this client, and is not too old. */
  isValid(packet: Buffer, ip: Uint8Array, now: number): boolean {
    const current = slotOf(now);
    const age = (current - packet[0]!) & 0xff;
    if (age > VALID_SLOTS) return false;
    const slot = current - age;
    this.#digest(ip, slot);
    // The comparison takes the same time wherever the first difference is.
    return ((packet.readInt32BE(0) ^ this.#high(slot)) | (packet.readInt32BE(4) ^ this.#hash.low)) === 0;
  }

  #digest(ip: Uint8Array, slot: number): void {
    const message = ip.length === 4 ? this.#ipv4 : this.#ipv6;
    message.set(ip);
    message.writeInt32LE(slot | 0, ip.length);
    this.#hash.digest(message);
  }

  #high(slot: number): number {
    return ((slot & 0xff) << 24) | (this.#hash.high & 0xff_ffff);
  }
}

function slotOf(now: number): number {
  return Math.floor(now / SLOT_MS);
}
