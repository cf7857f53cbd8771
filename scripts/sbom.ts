import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type BundledPackage, bundledPackages, type Manifest } from './bundled-packages.ts';

/** The parts of package-lock.json that are read here: packages by their folder in the repository. */
interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

/**
 * Describes the bundle as a software bill of materials in the form of CycloneDX: which packages are in it, in which
 * version. They are no dependencies that `npm audit` of a user could see. The same bundle gives the same text.
 *
 * @param modules paths of the bundle's modules
 * @param root folder of the repository, with package.json and package-lock.json
 * @throws {Error} when a package names no licence, or the lock file does not have it in that version
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export async function describeBundle(modules: readonly string[], root: string): Promise<string> {
  const [own, lock, packages] = await Promise.all([
    readJson<Manifest>(join(root, 'package.json')),
    readJson<LockFile>(join(root, 'package-lock.json')),
    bundledPackages(modules),
  ]);
  const refs = new Map(packages.map(({ manifest }) => [manifest.name, purlOf(manifest)]));
  const dependsOn = ({ dependencies = {} }: Manifest) =>
    Object.keys(dependencies)
      .flatMap((name) => refs.get(name) ?? [])
      .sort();
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', ...identityOf(own) } },
    components: packages.map((found) => ({
      type: 'library',
      ...identityOf(found.manifest),
      scope: 'required',
      hashes: hashesOf(found, lock, root),
    })),
    dependencies: [own, ...packages.map(({ manifest }) => manifest)].map((manifest) => ({
      ref: purlOf(manifest),
      dependsOn: dependsOn(manifest),
    })),
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

function identityOf(manifest: Manifest) {
  const { name, version, license } = manifest;
  const [group, bare] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const purl = purlOf(manifest);
  return {
    'bom-ref': purl,
    ...(group !== undefined && { group }),
    name: bare,
    version,
    licenses: [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }],
    purl,
  };
}

/** @see https://github.com/package-url/purl-spec */
function purlOf({ name, version }: Pick<Manifest, 'name' | 'version'>): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function hashesOf({ folder, manifest }: BundledPackage, lock: LockFile, root: string) {
  const locked = lock.packages[relative(root, folder).split(sep).join('/')];
  if (locked?.version !== manifest.version) {
    throw new Error(
      `Cannot describe ${manifest.name} ${manifest.version}: package-lock.json has ${locked?.version ?? 'none'}; run npm ci`,
    );
  }
  const digest = /^sha512-([\w+/=]+)$/.exec(locked.integrity ?? '')?.[1];
  return digest === undefined
    ? []
    : [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }];
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
