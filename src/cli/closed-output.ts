import { StorageError } from '../storage/index.ts';

/**
 * Lets whoever reads stdout or stderr go away (`shoal --help | head`) without a fuss. That they cannot be written to for
 * another reason, such as a full disk, is an error.
 */
export function tolerateClosedOutput(): void {
  for (const [name, stream] of [
    ['stdout', process.stdout],
    ['stderr', process.stderr],
  ] as const) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!isClosed(error, stream)) throw StorageError.from(error, 'write to', name);
    });
  }
}

/** Whether an error says that nobody reads the output any more: the program is gone, or the window of the terminal. */
export function isClosed({ code }: NodeJS.ErrnoException, stream: NodeJS.WriteStream): boolean {
  return code === 'EPIPE' || (code === 'EIO' && stream.isTTY);
}
