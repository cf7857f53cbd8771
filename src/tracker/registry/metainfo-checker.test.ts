import { describe, expect, test } from 'vitest';
import { largeTorrent, testTorrent } from '../../../test/support/tracker/torrents.ts';
import { encodeMetainfo, parseMetainfo } from '../../metainfo/index.ts';
import { type InfoHash, parseInfoHash } from '../../util/index.ts';
import { MetainfoChecker } from './metainfo-checker.ts';

const small = testTorrent('small');
const large = largeTorrent();
const infoHashOf = ({ registered }: typeof small): InfoHash => parseInfoHash(registered.infoHash);

describe('MetainfoChecker.check()', () => {
  test('gives a metainfo without what its info-hash does not vouch for, large or small', async () => {
    const checker = new MetainfoChecker();
    for (const torrent of [small, large]) {
      const announceList = [['http://tracker.example/announce']];
      const adorned = encodeMetainfo(parseMetainfo(torrent.metainfo), { announceList });
      const { vouched } = await checker.check(adorned, infoHashOf(torrent), 'body');
      expect(Buffer.from(torrent.metainfo).equals(vouched)).toBe(true);
    }
    await checker.close();
  });

  test('refuses what is none, and what is of another torrent, large or small', async () => {
    const checker = new MetainfoChecker();
    const bad = { code: 'BAD_FIELD', field: 'body' };
    for (const bytes of [Buffer.from('rubbish'), Buffer.alloc(100_000), Uint8Array.from(large.metainfo)]) {
      await expect(checker.check(bytes, infoHashOf(small), 'body')).rejects.toMatchObject(bad);
    }
    await expect(checker.check(small.metainfo, infoHashOf(large), 'body')).rejects.toMatchObject(bad);
    await checker.close();
  });

  test('rejects what it was to check when it is closed, and begins anew when it is asked again', async () => {
    const checker = new MetainfoChecker();
    const check = () => checker.check(Uint8Array.from(large.metainfo), infoHashOf(large), 'body');
    const rejected = expect(check()).rejects.toThrow('has ended');
    await checker.close();
    await rejected;
    expect((await check()).vouched).toHaveLength(large.metainfo.length);
    await checker.close();
  });
});
