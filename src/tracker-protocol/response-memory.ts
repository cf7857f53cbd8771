/** Where an answer is written. */
export interface ResponseMemory {
  /** Bytes to be left free in front of the answer, for a head that is written when its length is known. */
  readonly room: number;
  /** Where in what {@link take} gave last that starts which is the taker's. */
  readonly start: number;
  /** @returns memory with so many bytes for the taker, from {@link start} on, with anything in them */
  take(size: number): Uint8Array;
}

/** Memory of each answer's own. */
export function ownMemory(room: number): ResponseMemory {
  return { room, start: 0, take: (size) => Buffer.allocUnsafe(size) };
}

/** The start of an answer that has nothing in front of it. */
export const OWN_MEMORY = ownMemory(0);
