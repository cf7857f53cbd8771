import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeLicences } from './licences.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-licences-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** @returns the path of one of its modules */
async function installed(name: string, manifest: object, licence?: string): Promise<string> {
  const path = join(folder, 'node_modules', name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...manifest }));
  if (licence !== undefined) await writeFile(join(path, 'LICENSE.md'), licence);
  return join(path, 'lib/index.js');
}

describe('describeLicences()', () => {
  test('gives the licence of each package once, and none for other modules', async () => {
    const a = await installed('a', { license: 'MIT' }, 'Copyright of A\n');
    const b = await installed('@scope/b', { license: 'ISC' }, 'Copyright of B\n');
    const text = await describeLicences([a, join(folder, 'src/own.js'), b, a]);
    expect(text.match(/^.+ 1\.2\.3 .+$/gm)).toEqual(['@scope/b 1.2.3 (ISC)', 'a 1.2.3 (MIT)']);
    expect(text.match(/^Copyright .+$/gm)).toEqual(['Copyright of B', 'Copyright of A']);
  });

  test('names author and homepage of a package without the text of its licence', async () => {
    const manifest = { license: 'MIT', author: { name: 'A. Author' }, homepage: 'https://a.example' };
    expect(await describeLicences([await installed('a', manifest)])).toMatch(
      /^a 1\.2\.3 \(MIT\)\n\nA\. Author\nhttps:\/\/a\.example$/m,
    );
  });

  test('refuses a package that names no licence', async () => {
    const module = await installed('a', {});
    await expect(describeLicences([module])).rejects.toThrow('names no licence');
  });
});
