import { StorageError } from '../storage/index.ts';

/**
 * Decides what happens when stdout or stderr cannot be written to.
 *
 * The reader of stdout or stderr may go away without a fuss (`shoal --help | head`). Another failure of stdout, such as a
 * full disk, ends the process with an error, once. One of stderr is passed over, as nobody can be told: a seeder goes on
 * without its log, and the exit code still says how a command ended.
 */
export function handleBrokenOutput(): void {
  let hasFailed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (hasFailed || isClosed(error, process.stdout)) return;
    // The report of this error may itself be written to that output.
    hasFailed = true;
    throw StorageError.from(error, 'write to', 'stdout');
  });
  process.stderr.on('error', () => {});
}

/** Tells whether an error says that nobody reads the output any more: the program is gone, or the window of the terminal. */
export function isClosed({ code }: NodeJS.ErrnoException, stream: NodeJS.WriteStream): boolean {
  return code === 'EPIPE' || (code === 'EIO' && stream.isTTY);
}
