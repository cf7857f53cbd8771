import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundledPackage, bundledPackages, type Manifest } from './bundled-packages.ts';

/**
 * The licences of all packages that the modules are from, as they have to go with every copy of them.
 *
 * @param modules paths of files, some of them in a folder `node_modules`
 * @throws {Error} when a package does not say which licence it has
 */
export async function describeLicences(modules: readonly string[]): Promise<string> {
  const packages = await bundledPackages(modules);
  const texts = await Promise.all(packages.map(describeLicence));
  return ['Beside Shoal itself, this folder contains code of these packages.\n', ...texts].join(
    `\n${'-'.repeat(80)}\n\n`,
  );
}

async function describeLicence({ folder, manifest }: BundledPackage): Promise<string> {
  const { name, version, license } = manifest;
  return `${name} ${version} (${license})\n\n${(await licenceText(folder)) ?? describeOrigin(manifest)}\n`;
}

async function licenceText(folder: string): Promise<string | undefined> {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  return file && (await readFile(join(folder, file), 'utf8')).trim();
}

/** Names the author and the homepage of a package that comes without the text of its licence. */
function describeOrigin({ author, homepage }: Manifest): string {
  const by = typeof author === 'object' ? author.name : author;
  return [by, homepage].filter((part) => part !== undefined).join('\n');
}
