import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Architecture, parseArchitecture } from './architecture.ts';
import { parseSource, type SourceFile } from './source-file.ts';

/** The folders that have TypeScript. */
const ROOTS = ['src', 'test', 'scripts', 'examples', 'bench'];

/** The parts of the repository that the rules look at. */
export interface Repository {
  readonly files: readonly SourceFile[];
  readonly architecture: Architecture;
  /** Names of packages that what is shipped may import. */
  readonly dependencies: readonly string[];
  /** Names of packages that tests and scripts may import on top of these. */
  readonly devDependencies: readonly string[];
  /** The text of `docs/dependencies.md`. */
  readonly dependenciesDoc: string;
}

/** @throws {Error} saying which file is missing, or what it lacks */
export async function readRepository(root: string): Promise<Repository> {
  const manifest = JSON.parse(await readText(root, 'package.json')) as Record<string, Record<string, string>>;
  const names = (...fields: string[]) => fields.flatMap((field) => Object.keys(manifest[field] ?? {}));
  const paths = (await Promise.all(ROOTS.map((folder) => findTypeScript(root, folder)))).flat();
  return {
    files: await Promise.all(paths.map(async (path) => parseSource(path, await readText(root, path)))),
    architecture: await readArchitecture(root, 'docs/architecture.md'),
    dependencies: names('dependencies', 'optionalDependencies', 'peerDependencies'),
    devDependencies: names('devDependencies'),
    dependenciesDoc: await readText(root, 'docs/dependencies.md'),
  };
}

async function readArchitecture(root: string, path: string): Promise<Architecture> {
  const text = await readText(root, path);
  try {
    return parseArchitecture(text);
  } catch (cause) {
    throw new Error(`Cannot check the layers: ${path} ${(cause as Error).message}`, { cause });
  }
}

async function readText(root: string, path: string): Promise<string> {
  try {
    return await readFile(join(root, path), 'utf8');
  } catch (cause) {
    throw new Error(`Cannot check the layers without ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function findTypeScript(root: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, folder), { recursive: true });
    const paths = entries.filter((path) => path.endsWith('.ts') && !path.includes('node_modules'));
    return paths.map((path) => `${folder}/${path}`).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
