import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/** Whether a package that stands at `path` finds the package `name` from there, as Node looks for it. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const prefix = folder === '' || folder.startsWith('bench/') ? '' : `${folder}/`;
    if (`${prefix}node_modules/${name}` in packages) return true;
    if (prefix === '') return false;
  }
}

test('package-lock.json lists the packages of every platform, not those of one alone', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path || 'the project'} needs ${name}`),
  );
  expect(missing).toEqual([]);
  const platforms = Object.keys(packages).filter((path) => /-(?:darwin|win32|linux)-/.test(path));
  expect(platforms.filter((path) => path.includes('darwin')).length).toBeGreaterThan(0);
  expect(platforms.filter((path) => path.includes('win32')).length).toBeGreaterThan(0);
});

test('package-lock.json names no registry: each machine has its own', () => {
  const resolved = Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && !link);
  expect(resolved).toEqual([]);
});

test('package-lock.json has no `libc`, which npm 11 writes for new packages and npm 10 takes out again', () => {
  expect(Object.keys(packages).filter((path) => packages[path]!.libc !== undefined)).toEqual([]);
});
