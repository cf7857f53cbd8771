import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The fields of a package.json that are read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** An identifier or an expression of SPDX. */
  readonly license: string;
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A package of which some modules are in the bundle. */
export interface BundledPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * Finds the packages that modules of the bundle are from, each once, in the order of their folders.
 *
 * @param modules paths of files, some of them in a folder `node_modules`
 * @throws {Error} when a package does not say which licence it has
 */
export async function bundledPackages(modules: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set(modules.map(packageFolderOf).filter((folder) => folder !== undefined));
  return Promise.all(
    [...folders].sort().map(async (folder) => ({ folder, manifest: await manifestOf(folder) })),
  );
}

/** The folder of the package that a module is in, `…/node_modules/@scope/name`; nothing outside of packages. */
function packageFolderOf(module: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(module)?.[0];
}

async function manifestOf(folder: string): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Partial<Manifest> & {
    readonly name: string;
    readonly version: string;
  };
  const { license } = manifest;
  if (license === undefined) throw new Error(`Cannot bundle ${folder}: its package.json names no licence`);
  return { ...manifest, license };
}
