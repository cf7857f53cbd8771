import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { pathArgument } from './path-argument.ts';

const folder = await mkdtemp(join(tmpdir(), 'shoal-argument-'));
afterAll(() => rm(folder, { recursive: true }));
const below = (...hex: readonly string[]) =>
  Buffer.concat([
    Buffer.from(folder),
    ...hex.flatMap((part) => [Buffer.from('/'), Buffer.from(part, 'hex')]),
  ]);

await mkdir(below('b2e2'));
await writeFile(below('b2e2', '61ff'), '');
await writeFile(below('62fe'), '');
await writeFile(below('62ff'), '');
await writeFile(join(folder, 'c\ufffd'), '');

describe('pathArgument()', () => {
  test('finds the one name on disk that matches a text with replacement characters', async () => {
    expect(await pathArgument(`${folder}/\ufffd\ufffd/a\ufffd`)).toBe(`${folder}/\udcb2\udce2/a\udcff`);
    expect(await pathArgument(`${folder}/\ufffd\ufffd/`)).toBe(`${folder}/\udcb2\udce2/`);
  });

  test('takes a name on disk that contains the replacement character itself', async () => {
    expect(await pathArgument(`${folder}/c\ufffd`)).toBe(`${folder}/c\ufffd`);
  });

  test('leaves a text as it is when it matches two names or none', async () => {
    for (const text of ['b\ufffd', 'd\ufffd', '\ufffd/e', 'plain', 'Ünï']) {
      expect(await pathArgument(`${folder}/${text}`)).toBe(`${folder}/${text}`);
    }
  });
});
