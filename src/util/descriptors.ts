/** Milliseconds between two tries of what needs a file descriptor while the process or the system has none left. */
export const DESCRIPTOR_RETRY_MS = 250;
/** Tries after which that is an error: they take ten seconds. */
export const MAX_DESCRIPTOR_TRIES = 40;
/** Errors in one another that are looked at. */
const MAX_CAUSES = 8;

/**
 * Tells whether something failed because the process or the system had no file descriptor left: a socket, a file or a
 * thread, or whatever was caused by that. It says nothing about a file or a peer, and works again in a while.
 */
export function lacksDescriptors(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth += 1) {
    const code = 'code' in error ? error.code : undefined;
    if (code === 'EMFILE' || code === 'ENFILE') return true;
    // Of a thread, Node.js says so in words alone.
    if (code === 'ERR_WORKER_INIT_FAILED' && /EMFILE|ENFILE/.test(error.message)) return true;
    error = error.cause;
  }
  return false;
}
