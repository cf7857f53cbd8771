import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInfoHash } from '../../../../util/index.ts';
import type { StoredTorrent } from '../catalog.ts';
import {
  compareId,
  compareName,
  decodeDescription,
  encodeDescription,
  idBytes,
  nameBytes,
} from './description-bytes.ts';

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
const description = fc.record(
  {
    infoHash: hex(20).map(parseInfoHash),
    infoHashV2: hex(20).map(parseInfoHash),
    // Of any code units, so that surrogates stand alone, too.
    name: fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
    size: fc.maxSafeNat(),
    sha256: hex(32),
    contentId: hex(32),
    files: fc.integer({ min: 1, max: 0xffff_ffff }),
  },
  { requiredKeys: ['infoHash', 'name', 'size'] },
);
/** Torrents with a SHA-256 or a content id, or neither. */
const torrent: fc.Arbitrary<StoredTorrent> = description.map(({ contentId, ...others }) => ({
  ...others,
  ...(contentId !== undefined && others.sha256 === undefined && { contentId }),
}));

test('decodeDescription() gives what encodeDescription() was given, wherever the bytes are', () => {
  fc.assert(
    fc.property(torrent, fc.nat(9), (torrent, start) => {
      const bytes = encodeDescription(torrent);
      const page = Buffer.concat([Buffer.alloc(start, 0xff), bytes, Buffer.alloc(3, 0xff)]);
      const stored = { page, start, end: start + bytes.length };
      expect(decodeDescription(torrent.infoHash, stored)).toEqual(torrent);
      expect(compareName(stored, nameBytes(torrent.name))).toBe(0);
      expect(compareName(stored, nameBytes(`${torrent.name}x`))).not.toBe(0);
      const { sha256, contentId } = torrent;
      const other = idBytes(sha256 ?? contentId ?? 'f'.repeat(64))!;
      expect(compareId(stored, 'sha256', other) === 0).toBe(sha256 !== undefined);
      expect(compareId(stored, 'contentId', other) === 0).toBe(contentId !== undefined);
    }),
  );
});

test('compareName() tells a name with a surrogate that stands alone from every other', () => {
  const names = ['\ud800', '\ufffd', '\u00d8', 'a', 'a\ud800'];
  for (const name of names) {
    const page = encodeDescription({ infoHash: parseInfoHash('0'.repeat(40)), name, size: 1 });
    const equal = names.filter(
      (other) => compareName({ page, start: 0, end: page.length }, nameBytes(other)) === 0,
    );
    expect(equal).toEqual([name]);
  }
});
