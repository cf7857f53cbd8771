import { open } from 'node:fs/promises';
import { toError } from '../../util/index.ts';
import { AccessFileError } from './access-file-error.ts';

/**
 * Reads a whole file.
 *
 * @returns `undefined` when there is none
 * @throws {AccessFileError} UNREADABLE, TOO_LARGE
 */
export async function readUpTo(path: string, limit: number): Promise<Buffer | undefined> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > limit) {
      throw new AccessFileError(
        'TOO_LARGE',
        `Cannot read ${path}: it may have ${limit} bytes, found ${size}`,
      );
    }
    return await file.readFile();
  } catch (thrown) {
    if (thrown instanceof AccessFileError) throw thrown;
    const cause = toError(thrown) as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') return undefined;
    throw new AccessFileError('UNREADABLE', `Cannot read ${path}: ${cause.message}`, { cause });
  }
}
