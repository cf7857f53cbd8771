/**
 * Tells whether an error, or one that led to it, came of too few descriptors: so many files and sockets are open that the
 * system gives no more.
 */
export function cameOfTooFewDescriptors(error: Error): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code = '', message } = at as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE') return true;
    // What Node.js says of a thread that it could not start.
    if (code === 'ERR_WORKER_INIT_FAILED' && /\bE[MN]FILE\b/.test(message)) return true;
  }
  return false;
}

/** The advice for that. */
export const MORE_DESCRIPTORS =
  'Too few files may be open at once: allow more, as by ulimit -n 1024, or by LimitNOFILE= of a systemd unit.';
