import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../support/index.ts';

/** An `@example` of something exported. */
export interface Example {
  /** The name of what it stands at. */
  readonly name: string;
  readonly code: string;
}

/** `@example`, its block of TypeScript, the end of the comment, and the name of what follows. */
const EXAMPLE =
  /^ \* @example\n \* ```ts\n((?: \*.*\n)*?) \* ```\n(?: \*.*\n)*? \*\/\nexport (?:async )?(?:function|class|const) (\w+)/gm;

/** Reads the examples of all that `src/` exports, in files other than tests. */
export async function readExamples(): Promise<Example[]> {
  const root = join(repositoryRoot, 'src');
  const paths = (await readdir(root, { recursive: true })).filter((path) => /(?<!\.test)\.ts$/.test(path));
  const texts = await Promise.all(paths.toSorted().map((path) => readFile(join(root, path), 'utf8')));
  return texts.flatMap((text) =>
    Array.from(text.matchAll(EXAMPLE), ([, lines, name]) => ({
      name: name!,
      code: lines!.replaceAll(/^ \* ?/gm, ''),
    })),
  );
}
