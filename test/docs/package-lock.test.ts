import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

function readLockFile(path: string): LockedPackages {
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly packages: LockedPackages }).packages;
}

const packages = readLockFile('package-lock.json');

/** Tells whether a package that stands at `path` finds the package `name` from there, as Node looks for it. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const prefix = folder.startsWith('node_modules/') ? `${folder}/` : '';
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

describe.each(['package-lock.json', 'bench/package-lock.json'])('%s', (path) => {
  const locked = Object.entries(readLockFile(path));

  test('names no registry: each machine has its own', () => {
    expect(locked.filter(([, { resolved, link }]) => resolved !== undefined && !link)).toEqual([]);
  });

  test('has no `libc`, which npm 11 writes for new packages and npm 10 takes out again', () => {
    expect(locked.filter(([, { libc }]) => libc !== undefined)).toEqual([]);
  });
});

test('bench/package-lock.json has the programs that bench/package.json names, and the stub in place of a compiled one', () => {
  const { dependencies } = JSON.parse(readFileSync('bench/package.json', 'utf8')) as LockedPackage;
  const locked = readLockFile('bench/package-lock.json');
  expect(locked['']?.dependencies).toEqual(dependencies);
  expect(locked['node_modules/webrtc-polyfill']).toEqual({
    resolved: '../test/support/webrtc-polyfill',
    link: true,
  });
  expect(Object.keys(locked).filter((name) => name.includes('node-datachannel'))).toEqual([]);
});
