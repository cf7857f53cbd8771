import { describe, expect, test } from 'vitest';
import { createMetainfo, encodeMetainfo } from '../metainfo/index.ts';
import { parseInfoHash } from '../util/index.ts';
import { MetainfoChecker } from './metainfo-checker.ts';
import { testTorrent } from './testing/torrents.ts';

/** A torrent of which the metainfo is checked on a thread. */
function largeTorrent() {
  const pieces = new Uint8Array(20 * 10_000);
  const pieceLength = 16 * 1024;
  const files = [{ path: ['large'], length: pieceLength * 10_000 }];
  return createMetainfo({ version: 'v1', name: 'large', isSingleFile: true, pieceLength, files, pieces });
}

describe('MetainfoChecker.check()', () => {
  const large = largeTorrent();
  const announceList = [['http://tracker.example/announce']];

  test('gives a metainfo without what its info-hash does not vouch for, large or small', async () => {
    const checker = new MetainfoChecker();
    const { registered, metainfo } = testTorrent('small');
    expect(await checker.check(metainfo, parseInfoHash(registered.infoHash), 'body')).toEqual(
      new Uint8Array(metainfo),
    );
    const adorned = encodeMetainfo(large, { announceList });
    expect(await checker.check(adorned, large.infoHash, 'body')).toEqual(
      Uint8Array.from(encodeMetainfo(large, {})),
    );
    await checker.close();
  });

  test('refuses what is none, and what is of another torrent, large or small', async () => {
    const checker = new MetainfoChecker();
    const { registered, metainfo } = testTorrent('small');
    const bad = { code: 'BAD_FIELD', field: 'body' };
    for (const bytes of [Buffer.from('rubbish'), Buffer.alloc(100_000), encodeMetainfo(large, {})]) {
      await expect(checker.check(bytes, parseInfoHash(registered.infoHash), 'body')).rejects.toMatchObject(
        bad,
      );
    }
    await expect(checker.check(metainfo, large.infoHash, 'body')).rejects.toMatchObject(bad);
    await checker.close();
  });

  test('rejects what it was to check when it is closed, and begins anew when it is asked again', async () => {
    const checker = new MetainfoChecker();
    const bytes = encodeMetainfo(large, {});
    const given = checker.check(bytes, large.infoHash, 'body');
    const rejected = expect(given).rejects.toThrow('has ended');
    await checker.close();
    await rejected;
    expect(await checker.check(bytes, large.infoHash, 'body')).toHaveLength(bytes.length);
    await checker.close();
  });
});
