/** A buffer that bytes are added to in parts. It is one piece of memory, so that a million parts of a byte take a megabyte. */
export class GrowingBytes {
  #memory: Buffer;
  #length = 0;

  /** @param room the bytes for which there is memory from the start */
  constructor(room: number) {
    this.#memory = Buffer.allocUnsafe(room);
  }

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#memory.length));
      larger.set(this.#memory.subarray(0, this.#length));
      this.#memory = larger;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = length;
  }

  /** Keeps the first `length` bytes and drops the rest. */
  cut(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** @returns a view, good until something is added */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }
}
