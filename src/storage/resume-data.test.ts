import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield, parseInfoHash } from '../util/index.ts';
import { decodeResumeData, encodeResumeData, type ResumeData } from './resume-data.ts';

const infoHash = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => parseInfoHash(Buffer.from(bytes).toString('hex')));
const have = fc.array(fc.boolean(), { maxLength: 70 }).map((bits) => {
  const pieces = new Bitfield(bits.length);
  for (const [index, isThere] of bits.entries()) if (isThere) pieces.add(index);
  return pieces;
});
const file = fc.record({
  size: fc.maxSafeNat(),
  modified: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
});
const files = fc.array(fc.option(file, { nil: undefined }), { maxLength: 5 });
const resumeData = fc.record<ResumeData>({ infoHash, have, files });

const subjectOf = (data: ResumeData) => ({
  infoHash: data.infoHash,
  pieceCount: data.have.length,
  fileCount: data.files.length,
});

describe('decodeResumeData()', () => {
  test('gives back the data that encodeResumeData() was given', () => {
    fc.assert(
      fc.property(resumeData, (data) => {
        const decoded = decodeResumeData(encodeResumeData(data), subjectOf(data));
        expect(decoded?.files).toEqual(data.files);
        expect(decoded?.infoHash).toBe(data.infoHash);
        expect(decoded?.have.bytes).toEqual(data.have.bytes);
      }),
    );
  });

  test('refuses data in which a byte is changed, that is cut off, or that is too long', () => {
    fc.assert(
      fc.property(resumeData, fc.nat(), fc.integer({ min: 1, max: 255 }), (data, position, change) => {
        const bytes = encodeResumeData(data);
        const subject = subjectOf(data);
        expect(decodeResumeData(bytes.subarray(0, position % bytes.length), subject)).toBeUndefined();
        expect(decodeResumeData(Buffer.concat([bytes, Buffer.alloc(1)]), subject)).toBeUndefined();
        bytes[position % bytes.length]! ^= change;
        expect(decodeResumeData(bytes, subject)).toBeUndefined();
      }),
    );
  });

  test('refuses the data of another torrent', () => {
    const data = { infoHash: parseInfoHash('a'.repeat(40)), have: new Bitfield(8), files: [] };
    const bytes = encodeResumeData(data);
    const subject = subjectOf(data);
    expect(decodeResumeData(bytes, { ...subject, infoHash: parseInfoHash('b'.repeat(40)) })).toBeUndefined();
    expect(decodeResumeData(bytes, { ...subject, pieceCount: 7 })).toBeUndefined();
  });

  test('has no entry for a file whose size a number does not hold exactly', () => {
    const data = {
      infoHash: parseInfoHash('a'.repeat(40)),
      have: new Bitfield(8),
      files: [{ size: 2 ** 62, modified: 0n }],
    };
    expect(decodeResumeData(encodeResumeData(data), subjectOf(data))?.files).toEqual([undefined]);
  });
});
