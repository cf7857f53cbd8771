/** The bytes being sent to all peers of a session above which each peer gets little at a time. */
export const MAX_SENDING_BYTES = 64 * 1024 * 1024;

/** Counts the bytes that are being sent to all peers of a session. */
export class SendMemory {
  /** The bytes that were handed to connections and have not left. */
  bytes = 0;

  /** Whether so many bytes are being sent that each peer is to get little at a time. */
  get isFull(): boolean {
    return this.bytes > MAX_SENDING_BYTES;
  }
}
