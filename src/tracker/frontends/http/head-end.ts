const CR = 0x0d;
const LF = 0x0a;
/** Bytes at the end of a head: CRLF CRLF. */
const END_BYTES = 4;

/** Finds where the heads of requests end in bytes that arrive in pieces of any length. */
export class HeadEnd {
  /** The number of bytes of the end that were seen last. */
  #matched = 0;

  /** Finds the end of a head in the next bytes. @returns the offset behind its empty line; `undefined`: the head goes on */
  find(bytes: Uint8Array): number | undefined {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      const awaited = this.#matched % 2 === 0 ? CR : LF;
      if (byte === awaited) this.#matched += 1;
      else this.#matched = byte === CR ? 1 : 0;
      if (this.#matched < END_BYTES) continue;
      this.#matched = 0;
      return at + 1;
    }
    return undefined;
  }
}
