import { describe, expect, test } from 'vitest';
import { testTorrent, withMetainfo } from '../../../../test/support/tracker/torrents.ts';
import { MAX_INLINE_METAINFO_BYTES, MAX_TORRENTS_PER_SEEDER } from '../../../tracker-protocol/index.ts';
import { RegistrationReader } from './registration-reader.ts';

const [one, two] = [testTorrent('one'), testTorrent('two')];

function jsonOf(torrents: readonly unknown[], more: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ port: 1, peerId: 'ab'.repeat(20), torrents, ...more }));
}

/** Pushes all of it, in parts of a KiB. @returns how many bytes were taken before it was refused, and why */
function refusalOf(json: Buffer): { readonly at: number; readonly error: unknown } {
  const reader = new RegistrationReader();
  let at = 0;
  try {
    for (; at < json.length; at += 1024) reader.push(json.subarray(at, at + 1024));
    reader.finish();
    return { at, error: undefined };
  } catch (error) {
    return { at, error };
  }
}

describe('RegistrationReader', () => {
  test('reads a seeder and its torrents, each once, with the metainfo that is given', () => {
    const reader = new RegistrationReader();
    reader.push(
      jsonOf([one.registered, withMetainfo(two), one.registered], { host: '10.0.0.1', other: [1] }),
    );
    const { torrents, ...seeder } = reader.finish();
    expect(seeder).toEqual({ host: '10.0.0.1', port: 1, peerId: 'ab'.repeat(20) });
    expect([...torrents.keys()]).toEqual([one.registered.infoHash, two.registered.infoHash]);
    expect([...torrents.values()].map(({ metainfo }) => metainfo !== undefined)).toEqual([false, true]);
  });

  test('reads a metainfo that is too large as one that is missing', () => {
    const reader = new RegistrationReader();
    const metainfo = 'A'.repeat(8 * MAX_INLINE_METAINFO_BYTES);
    reader.push(jsonOf([{ ...one.registered, metainfo }]));
    expect([...reader.finish().torrents.values()]).toEqual([{ torrent: one.registered }]);
  });

  test('refuses a million bad torrents after the first, with as many faults as a problem names', () => {
    const { at, error } = refusalOf(jsonOf(Array.from({ length: 1_000_000 }, () => 0)));
    expect(at).toBeLessThan(1024);
    expect(error).toMatchObject({ status: 400, errors: { length: 20 } });
  });

  test.each<[string, object, string]>([
    ['a torrent of many values', { ...one.registered, x: Array(1000).fill(0) }, 'TOO_MANY_VALUES'],
    ['a torrent that is deep', { x: JSON.parse('['.repeat(50) + ']'.repeat(50)) as object }, 'TOO_DEEP'],
    ['a torrent that is large', { x: Array(100).fill('x'.repeat(100_000)) }, 'TOO_LARGE'],
  ])('refuses %s before it is parsed', (_, torrent, code) => {
    expect(refusalOf(jsonOf([torrent])).error).toMatchObject({ code });
  });

  test.each([
    ['a SHA-256 and a content id', { contentId: 'ab'.repeat(32) }],
    ['a SHA-256 and a number of files', { files: 2 }],
  ])('refuses a torrent with %s, because it is a file or a folder', (_, fields) => {
    expect(refusalOf(jsonOf([{ ...one.registered, ...fields }])).error).toMatchObject({
      code: 'BAD_FIELD',
      field: 'torrents.0.sha256',
    });
  });

  test.each([0, -1, 1.5, 400_001])('refuses a torrent of %d files', (files) => {
    const { sha256: _, ...described } = one.registered;
    expect(refusalOf(jsonOf([{ ...described, files }])).error).toMatchObject({ status: 400 });
  });

  test('refuses too many torrents, and too many other values', () => {
    const many = Array.from({ length: MAX_TORRENTS_PER_SEEDER + 1 }, () => ({
      ...one.registered,
      sha256: undefined,
    }));
    expect(refusalOf(jsonOf(many)).error).toMatchObject({ code: 'TOO_MANY_VALUES' });
    expect(refusalOf(jsonOf([], { x: 'x'.repeat(20_000) })).error).toMatchObject({ code: 'TOO_LARGE' });
  });
});
