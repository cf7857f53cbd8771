import { stat } from 'node:fs';
import { promisify } from 'node:util';
import { fileVersion, fsPath, toError } from '../util/index.ts';
import type { OfferedFile } from './offer.ts';
import { SeederError } from './seeder-error.ts';

/** Looks at a file. @returns its `fileVersion()`; `undefined` when it is no regular file @throws what `fs.stat` throws */
export type LookAtFile = (path: string) => Promise<string | undefined>;

// A third cheaper than the one of node:fs/promises.
const statOf = promisify(stat);

export const lookAtFile: LookAtFile = async (path) => {
  const stats = await statOf(fsPath(path), { bigint: true });
  return stats.isFile() ? fileVersion(stats) : undefined;
};

/** Compares a file with what was hashed. @returns why it may not be served any more; `undefined` while it may */
export async function faultOf(
  { path, version }: OfferedFile,
  look: LookAtFile,
): Promise<SeederError | undefined> {
  try {
    if ((await look(path)) === version) return undefined;
  } catch (thrown) {
    const cause = toError(thrown) as NodeJS.ErrnoException;
    const isGone = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    const why = isGone ? 'it was moved or deleted' : cause.message;
    return new SeederError(isGone ? 'CHANGED' : 'DISK', `Cannot read ${path}: ${why}`, { path, cause });
  }
  return new SeederError('CHANGED', `Cannot seed ${path}: it has changed since it was hashed`, { path });
}

/** Names the state of several files. @returns `undefined` while one of them is not there or cannot be looked at */
export async function stateOf(files: readonly OfferedFile[], look: LookAtFile): Promise<string | undefined> {
  const versions: string[] = [];
  for (const { path } of files) {
    const version = await look(path).catch(() => undefined);
    if (version === undefined) return undefined;
    versions.push(version);
  }
  return versions.join('\n');
}
