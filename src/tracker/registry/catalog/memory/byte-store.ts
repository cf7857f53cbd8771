import { ByteSlots } from './byte-slots.ts';

/**
 * The length in bytes up to which the sizes of slots are the multiples of {@link STEP}; beyond it, they are powers of two.
 */
const FINE = 1024;
const STEP = 8;
/** The number of bytes that a slot has beside those stored in it; it is subtracted so that sizes are round. */
const OWNER_BYTES = 4;

/** The place of stored bytes, valid until bytes are added or removed. */
export interface StoredBytes {
  readonly page: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Byte strings of any length, each with the number of its owner, who keeps its slot and its length. Removing one moves
 * another one into its slot, and the owner of that one is told, so there are never holes.
 */
export class ByteStore {
  readonly #onMove: (owner: number, slot: number) => void;
  /** The slots by their size in bytes. */
  readonly #slots = new Map<number, ByteSlots>();

  /** @param onMove is called when the bytes of an owner have moved to another slot */
  constructor(onMove: (owner: number, slot: number) => void) {
    this.#onMove = onMove;
  }

  /** Bytes of all pages. */
  get bytes(): number {
    let bytes = 0;
    for (const slots of this.#slots.values()) bytes += slots.bytes;
    return bytes;
  }

  /** @returns the slot */
  add(owner: number, bytes: Uint8Array): number {
    const size = sizeFor(bytes.length);
    let slots = this.#slots.get(size);
    if (slots === undefined) {
      slots = new ByteSlots(size);
      this.#slots.set(size, slots);
    }
    return slots.add(owner, bytes);
  }

  remove(slot: number, length: number): void {
    const owner = this.#slotsFor(length).remove(slot);
    if (owner !== -1) this.#onMove(owner, slot);
  }

  at(slot: number, length: number): StoredBytes {
    const slots = this.#slotsFor(length);
    const start = slots.startIn(slot);
    return { page: slots.pageOf(slot), start, end: start + length };
  }

  #slotsFor(length: number): ByteSlots {
    return this.#slots.get(sizeFor(length))!;
  }
}

function sizeFor(length: number): number {
  const whole = length + OWNER_BYTES;
  const size = whole <= FINE ? Math.ceil(whole / STEP) * STEP : 2 ** Math.ceil(Math.log2(whole));
  return size - OWNER_BYTES;
}
