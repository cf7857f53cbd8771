/** The number of bytes of a page, which has at least one slot. */
const PAGE_BYTES = 64 * 1024;
/** The number of bytes before those of a slot, which hold the number of their owner. */
const OWNER_BYTES = 4;

/**
 * Byte strings of about one length, in slots of one size that are numbered from 0 without a gap: when one is removed, the
 * last one takes its slot. So there is never a hole, and memory is given back page by page.
 */
export class ByteSlots {
  readonly #size: number;
  readonly #slotsPerPage: number;
  readonly #pages: Buffer[] = [];
  #count = 0;

  /** @param length the longest of the byte strings */
  constructor(length: number) {
    this.#size = OWNER_BYTES + length;
    this.#slotsPerPage = Math.max(1, Math.floor(PAGE_BYTES / this.#size));
  }

  /** Bytes of all pages. */
  get bytes(): number {
    return this.#pages.length * this.#slotsPerPage * this.#size;
  }

  /** @returns the slot that holds a copy of the bytes now */
  add(owner: number, bytes: Uint8Array): number {
    const slot = this.#count;
    if (slot === this.#pages.length * this.#slotsPerPage)
      this.#pages.push(Buffer.allocUnsafeSlow(this.#slotsPerPage * this.#size));
    const page = this.pageOf(slot);
    const start = this.startIn(slot);
    page.writeUInt32LE(owner, start - OWNER_BYTES);
    page.set(bytes, start);
    this.#count += 1;
    return slot;
  }

  /** Frees a slot. @returns the owner whose bytes are in this slot from now on, or -1 when it was the last */
  remove(slot: number): number {
    const last = this.#count - 1;
    const from = this.startIn(last) - OWNER_BYTES;
    const to = this.startIn(slot) - OWNER_BYTES;
    const moved = this.pageOf(last).readUInt32LE(from);
    this.pageOf(last).copy(this.pageOf(slot), to, from, from + this.#size);
    this.#count = last;
    // One page more than is needed is kept, so that a slot that comes and goes does not make a page each time.
    if (this.#count <= (this.#pages.length - 2) * this.#slotsPerPage) this.#pages.pop();
    return slot === last ? -1 : moved;
  }

  /** @returns the page with the bytes of a slot, which begin at {@link startIn} */
  pageOf(slot: number): Buffer {
    return this.#pages[Math.floor(slot / this.#slotsPerPage)]!;
  }

  startIn(slot: number): number {
    return (slot % this.#slotsPerPage) * this.#size + OWNER_BYTES;
  }
}
