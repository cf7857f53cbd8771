import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Import, SourceFile } from './source-file.ts';

/** The folder of `src/` that a path is in: `tracker` for `src/tracker/http/server.ts`, nothing for `src/index.ts`. */
export function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** The path an import leads to, from the root of the repository; nothing for a package. */
export function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined;
}

/** The package an import leads to; nothing for a file or a part of Node. */
export function packageOf({ specifier }: Import): string | undefined {
  if (specifier.startsWith('.') || isBuiltin(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0];
}

/**
 * Tests, the suites that every adapter of a port runs, and what helps them (`testing/`): they must use doors, and
 * nothing that is shipped may import them; no other rule binds them.
 */
export function isTestCode(path: string): boolean {
  return !path.startsWith('src/') || /(?:\.test|-conformance)\.ts$|\/testing\//.test(path);
}
