import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../test/support/index.ts';
import { describeBundle } from './sbom.ts';

/** A repository in which two packages are installed, one needing the other. */
async function setUp(): Promise<TempFolder> {
  const folder = await tempFolder();
  const write = async (path: string, value: object) => {
    await mkdir(dirname(folder.join(path)), { recursive: true });
    await writeFile(folder.join(path), JSON.stringify(value));
  };
  const dependencies = { a: '1.2.3', other: '1' };
  await write('package.json', { name: 'own', version: '0.1.0', license: 'MIT', dependencies });
  await write('package-lock.json', {
    packages: {
      'node_modules/a': { version: '1.2.3', integrity: `sha512-${Buffer.alloc(64, 1).toString('base64')}` },
      'node_modules/@s/b': { version: '4.5.6' },
    },
  });
  await write('node_modules/a/package.json', {
    name: 'a',
    version: '1.2.3',
    license: '(MIT OR Apache-2.0)',
    dependencies: { '@s/b': '^4' },
  });
  await write('node_modules/@s/b/package.json', { name: '@s/b', version: '4.5.6', license: 'ISC' });
  return folder;
}

const modulesIn = (folder: TempFolder) => [
  folder.join('src/own.js'),
  folder.join('node_modules/a/index.js'),
  folder.join('node_modules/@s/b/index.js'),
  folder.join('node_modules/a/more.js'),
];

describe('describeBundle()', () => {
  test('describeBundle() names each package once, with version, licence, purl and hash', async () => {
    await using folder = await setUp();
    const text = await describeBundle(modulesIn(folder), folder.path);
    expect(await describeBundle(modulesIn(folder).toReversed(), folder.path)).toBe(text);
    expect(JSON.parse(text)).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': 'pkg:npm/own@0.1.0',
          name: 'own',
          version: '0.1.0',
          licenses: [{ license: { id: 'MIT' } }],
          purl: 'pkg:npm/own@0.1.0',
        },
      },
      components: [
        {
          type: 'library',
          'bom-ref': 'pkg:npm/%40s/b@4.5.6',
          group: '@s',
          name: 'b',
          version: '4.5.6',
          licenses: [{ license: { id: 'ISC' } }],
          purl: 'pkg:npm/%40s/b@4.5.6',
          scope: 'required',
          hashes: [],
        },
        {
          type: 'library',
          'bom-ref': 'pkg:npm/a@1.2.3',
          name: 'a',
          version: '1.2.3',
          licenses: [{ expression: '(MIT OR Apache-2.0)' }],
          purl: 'pkg:npm/a@1.2.3',
          scope: 'required',
          hashes: [{ alg: 'SHA-512', content: '01'.repeat(64) }],
        },
      ],
      dependencies: [
        { ref: 'pkg:npm/own@0.1.0', dependsOn: ['pkg:npm/a@1.2.3'] },
        { ref: 'pkg:npm/%40s/b@4.5.6', dependsOn: [] },
        { ref: 'pkg:npm/a@1.2.3', dependsOn: ['pkg:npm/%40s/b@4.5.6'] },
      ],
    });
  });

  test('describeBundle() refuses a package that the lock file has in another version', async () => {
    await using folder = await setUp();
    const manifest = { name: 'a', version: '1.2.4', license: 'MIT' };
    await writeFile(folder.join('node_modules/a/package.json'), JSON.stringify(manifest));
    await expect(describeBundle(modulesIn(folder), folder.path)).rejects.toThrow(
      'Cannot describe a 1.2.4: package-lock.json has 1.2.3',
    );
  });
});
