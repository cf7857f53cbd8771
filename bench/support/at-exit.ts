let isListening = false;

/**
 * Does `clean` when this process ends early, by a signal too; it has to do its work at once.
 *
 * @returns what to call when it has been done in time
 */
export function atExit(clean: () => void): () => void {
  if (!isListening) {
    isListening = true;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  }
  process.once('exit', clean);
  return () => void process.off('exit', clean);
}
