/** The milliseconds between two tries of work that needs a file descriptor when none is left. */
export const DESCRIPTOR_RETRY_MS = 250;
/** The number of tries after which the lack of a descriptor is an error: they take ten seconds. */
export const MAX_DESCRIPTOR_TRIES = 40;
/** The depth to which the causes of an error are looked at. */
const MAX_CAUSES = 8;

/**
 * Tells whether something failed because the process or the system had no file descriptor left for a socket, a file or
 * a thread. That is no fault of the file or the peer, and the same work may succeed in a while.
 */
export function lacksDescriptors(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth += 1) {
    const code = 'code' in error ? error.code : undefined;
    if (code === 'EMFILE' || code === 'ENFILE') return true;
    // For a thread that could not start, Node.js names the cause in the message alone.
    if (code === 'ERR_WORKER_INIT_FAILED' && /EMFILE|ENFILE/.test(error.message)) return true;
    error = error.cause;
  }
  return false;
}
