import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What package.json says of a package. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
}

/**
 * The licences of all packages that the modules are from, as they have to go with every copy of them.
 *
 * @param modules paths of files, some of them in a folder `node_modules`
 * @throws {Error} when a package does not say which licence it has
 */
export async function describeLicences(modules: readonly string[]): Promise<string> {
  const packages = new Set(modules.map(packageFolderOf).filter((folder) => folder !== undefined));
  const texts = await Promise.all([...packages].sort().map(describeLicence));
  return ['Beside Shoal itself, this folder contains code of these packages.\n', ...texts].join(
    `\n${'-'.repeat(80)}\n\n`,
  );
}

/** The folder of the package that a module is in, `…/node_modules/@scope/name`; nothing outside of packages. */
function packageFolderOf(module: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(module)?.[0];
}

async function describeLicence(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license } = manifest;
  if (license === undefined) throw new Error(`Cannot bundle ${folder}: its package.json names no licence`);
  return `${name} ${version} (${license})\n\n${(await licenceText(folder)) ?? describeOrigin(manifest)}\n`;
}

async function licenceText(folder: string): Promise<string | undefined> {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  return file && (await readFile(join(folder, file), 'utf8')).trim();
}

/** For a package that comes without the text of its licence. */
function describeOrigin({ author, homepage }: Manifest): string {
  const by = typeof author === 'object' ? author.name : author;
  return [by, homepage].filter((part) => part !== undefined).join('\n');
}
