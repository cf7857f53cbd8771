import { FileKindError, readInput } from '../../../files/index.ts';
import { toError } from '../../../util/index.ts';
import { AccessFileError } from './access-file-error.ts';

/**
 * Reads a whole file of the operator's, such as a list of info-hashes.
 *
 * @returns `undefined` when there is no such file
 * @throws {AccessFileError} UNREADABLE, TOO_LARGE
 */
export async function readAccessFile(path: string, limit: number): Promise<Buffer | undefined> {
  try {
    const bytes = await readInput(path, limit);
    if (bytes.length <= limit) return bytes;
    throw new AccessFileError('TOO_LARGE', `Cannot read ${path}: it may have ${limit} bytes, and has more`);
  } catch (thrown) {
    if (thrown instanceof AccessFileError) throw thrown;
    const cause = toError(thrown) as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') return undefined;
    const why = cause instanceof FileKindError ? cause.message : `Cannot read ${path}: ${cause.message}`;
    throw new AccessFileError('UNREADABLE', why, { cause });
  }
}
