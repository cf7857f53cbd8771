import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Import, SourceFile } from './source-file.ts';

/** The folder of `src/` that a path is in: `tracker` for `src/tracker/http/server.ts`, nothing for `src/index.ts`. */
export function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** The folder in a folder of `src/` that a path is in: `tracker/http` for `src/tracker/http/server.ts`. */
export function innerFolderOf(path: string): string | undefined {
  return /^src\/([^/]+\/[^/]+)\//.exec(path)?.[1];
}

/**
 * Tells whether a path is the table of settings of a folder, `src/tracker/settings.ts`: it stands under the floors of its
 * folder, and is a door of its own, so that settings are known without the component. That of `cli` puts them together.
 */
export function isSettingsTable(path: string): boolean {
  return /^src\/[^/]+\/settings\.ts$/.test(path);
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
 * Tells whether a path is a test or helps tests. Test code must use the doors of folders, and shipped code must not import
 * it; no other rule binds it. In `src/` only the `*.test.ts` beside the code they test are test code.
 */
export function isTestCode(path: string): boolean {
  return !path.startsWith('src/') || path.endsWith('.test.ts') || isMisplacedTestCode(path);
}

/** Tells whether a path in `src/` is a helper of tests or a conformance suite, which stand in `test/`. */
export function isMisplacedTestCode(path: string): boolean {
  return path.startsWith('src/') && /-conformance\.ts$|\/testing\//.test(path);
}
