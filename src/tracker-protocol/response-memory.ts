/** The memory into which a response is written. */
export interface ResponseMemory {
  /** The number of bytes that are left free before the response, for a head that is written when the length is known. */
  readonly room: number;
  /** The offset in the memory that {@link take} gave last at which the caller may write. */
  readonly start: number;
  /** @returns memory with `size` bytes for the caller from {@link start} on, which are not cleared */
  take(size: number): Uint8Array;
}

/** Makes a source of new memory for each response. */
export function ownMemory(room: number): ResponseMemory {
  return { room, start: 0, take: (size) => Buffer.allocUnsafe(size) };
}

/** The source of new memory for responses without room before them. */
export const OWN_MEMORY = ownMemory(0);
