/** Where an answer is written. */
export interface AnswerMemory {
  /** Bytes to be left free in front of the answer, for a head that is written when its length is known. */
  readonly room: number;
  /** @returns so many bytes, with anything in them */
  take(size: number): Buffer;
}

/** Memory of each answer's own. */
export function ownMemory(room: number): AnswerMemory {
  return { room, take: (size) => Buffer.allocUnsafe(size) };
}

/** Of an answer that has nothing in front of it. */
export const OWN_MEMORY = ownMemory(0);
