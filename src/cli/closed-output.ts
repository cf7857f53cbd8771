import { StorageError } from '../storage/index.ts';

/**
 * Sets what happens when stdout or stderr cannot be written to.
 *
 * It is no error when the reader of stdout or stderr goes away (`shoal --help | head`). Any other failure of stdout, such as
 * a full disk, ends the process with an error, once. A failure of stderr is ignored, as nobody can be told: a seeder goes on
 * without its log, and the exit code still tells how a command ended.
 */
export function handleBrokenOutput(): void {
  let hasFailed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (hasFailed || isClosed(error, process.stdout)) return;
    // The report of this error may fail on the same output.
    hasFailed = true;
    throw StorageError.from(error, 'write to', 'stdout');
  });
  process.stderr.on('error', () => {});
}

/** Tells whether an error means that nobody reads the output any more: the program or the terminal's window is gone. */
export function isClosed({ code }: NodeJS.ErrnoException, stream: NodeJS.WriteStream): boolean {
  return code === 'EPIPE' || (code === 'EIO' && stream.isTTY);
}
