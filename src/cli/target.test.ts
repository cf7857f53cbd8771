import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTarget } from './target.ts';

describe('readTarget()', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('takes a path that ends in .torrent for a torrent, even if it does not exist', async () => {
    expect(await readTarget('no/such.torrent')).toEqual({ kind: 'torrent', path: 'no/such.torrent' });
  });

  test('takes 64 hex digits for an id, which it gives in lower case', async () => {
    expect(await readTarget('AB'.repeat(32))).toEqual({ kind: 'id', id: 'ab'.repeat(32) });
  });

  test('takes 40 hex digits for an info-hash, which it gives in lower case', async () => {
    expect(await readTarget('AB'.repeat(20))).toEqual({ kind: 'infoHash', infoHash: 'ab'.repeat(20) });
  });

  test.each(['aow.txt', 'cafe', 'ab'.repeat(16), 'zz'.repeat(32), 'a:b.log', 'http'])(
    'takes %j for a name',
    async (name) => {
      expect(await readTarget(name)).toEqual({ kind: 'name', name });
    },
  );

  test.each([36, 39, 41, 62, 63, 65, 128])(
    'refuses %d hex digits, and says how many a hash has',
    async (digits) => {
      await expect(readTarget('ab'.repeat(64).slice(0, digits))).rejects.toThrow(
        `a SHA-256 or content id has 64 hex digits, an info-hash 40 or 64, and this has ${digits}`,
      );
    },
  );

  test('refuses a magnet link, and says how to get the info-hash in it instead', async () => {
    const error = await readTarget(`magnet:?dn=a&xt=urn:btih:${'AB'.repeat(20)}`).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      message: expect.stringContaining('magnet links are not supported yet') as string,
      hints: [expect.stringContaining(`shoal get ${'ab'.repeat(20)}`) as string],
    });
  });

  test.each(['http://a/b.torrent', 'HTTPS://a/b', 'udp://a:1', 'file:///b.torrent'])(
    'refuses %s, and says that URLs are not supported',
    async (url) => {
      await expect(readTarget(url)).rejects.toThrow('URLs are not supported yet');
    },
  );

  test.each([
    ['a torrent under another name for one', 'd8:announce', 'torrent'],
    ['a file that is no torrent for a name', 'did you know', 'name'],
    ['an empty file for a name', '', 'name'],
  ])('looks into a file on disk: it takes %s', async (_what, content, kind) => {
    const path = join(folder, 'download');
    await writeFile(path, content);
    expect((await readTarget(path)).kind).toBe(kind);
  });

  test('refuses an empty target', async () => {
    await expect(readTarget('')).rejects.toThrow('TARGET is empty');
  });

  test('takes a folder for a name', async () => {
    expect(await readTarget(folder)).toEqual({ kind: 'name', name: folder });
  });
});
