import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of the test's own; it and all in it are removed when it goes out of scope. */
export interface TempFolder extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** A path inside the folder. */
  join(...parts: string[]): string;
}

/**
 * Makes an empty folder that only this test uses.
 *
 * @example
 * ```ts
 * await using folder = await tempFolder();
 * await makeFile(folder.join('big.bin'), 4 * 2 ** 20, 'seed');
 * ```
 */
export async function tempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'shoal-test-'));
  return {
    path,
    join: (...parts) => join(path, ...parts),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
