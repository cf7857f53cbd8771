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
      if (error.code !== 'EPIPE') throw StorageError.from(error, 'write to', name);
    });
  }
}
