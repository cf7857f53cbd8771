import { contentIdAt, createHashPool, describeLeftOut, HashingError } from '../hashing/index.ts';
import { pathArgument } from './path-argument.ts';
import { refuseUrl } from './refuse-url.ts';
import type { CommandContext } from './run-command.ts';

/**
 * Prints the id of each path, one line each. A path that cannot be read does not keep the others from being printed: the
 * command fails at its end with the error of the first.
 */
export async function runId(
  { output, progress, onWarning, signal }: CommandContext,
  given: readonly string[],
): Promise<void> {
  for (const path of given) refuseUrl('compute the id of', path);
  const failures: HashingError[] = [];
  await using pool = createHashPool();
  for (const text of given) {
    const path = await pathArgument(text);
    let total = 0;
    try {
      const { kind, id, files, links, emptyFolders, size, leftOut } = await contentIdAt(pool, path, {
        signal,
        onTotal: (bytes) => {
          total = bytes;
        },
        onProgress: (done) => progress.update({ phase: 'hashing', name: path, done, total }),
        onUnusable: (error) => onWarning(error, `read all of ${path}`),
      });
      progress.stop();
      const others = describeLeftOut(leftOut);
      if (others !== undefined) onWarning(specialError(path, others), `take all of ${path}`);
      const counts = kind === 'file' ? {} : { files, links, emptyFolders, leftOut };
      output.print({ event: 'id', path, id, kind, ...counts, size }, [`${id}  ${path}`]);
    } catch (thrown) {
      if (!(thrown instanceof HashingError)) throw thrown;
      if (failures.length > 0) onWarning(thrown, `compute the id of ${path}`);
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0]!;
}

function specialError(path: string, others: string): HashingError {
  return new HashingError('NO_FILES', `No content id covers ${others}`, { path });
}
