import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PieceSha1s } from './piece-sha1s.ts';

function sha1sOf(stream: Uint8Array, pieceLength: number): Buffer {
  const sha1s: Buffer[] = [];
  for (let start = 0; start < stream.length; start += pieceLength) {
    sha1s.push(
      createHash('sha1')
        .update(stream.subarray(start, start + pieceLength))
        .digest(),
    );
  }
  return Buffer.concat(sha1s);
}

describe('PieceSha1s', () => {
  test('add() makes the same hashes, however the bytes are divided', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 50 }), (parts, pieceLength) => {
        const stream = Buffer.concat(parts);
        const pieces = new PieceSha1s(stream.length, pieceLength);
        for (const part of parts) pieces.add(part);
        expect(Buffer.from(pieces.sha1s)).toEqual(sha1sOf(stream, pieceLength));
      }),
    );
  });

  test('addZeros() makes the same hashes among other bytes, whatever pieces of zeros were hashed before', () => {
    const parts = fc.array(fc.tuple(fc.uint8Array({ maxLength: 3 }), fc.nat(40)), { maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 9 }), (parts, pieceLength) => {
        const stream = Buffer.concat(parts.flatMap(([bytes, zeros]) => [bytes, new Uint8Array(zeros)]));
        const pieces = new PieceSha1s(stream.length, pieceLength);
        for (const [bytes, zeros] of parts) {
          pieces.add(bytes);
          pieces.addZeros(zeros);
        }
        expect(Buffer.from(pieces.sha1s)).toEqual(sha1sOf(stream, pieceLength));
      }),
    );
  });

  test('addZeros() hashes a terabyte of zeros in the time of one piece', () => {
    const pieceLength = 16 * 1024 * 1024;
    const count = 65_536;
    const startedAt = performance.now();
    const pieces = new PieceSha1s(count * pieceLength, pieceLength);
    pieces.addZeros(count * pieceLength);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(Buffer.from(pieces.sha1s.subarray(-20))).toEqual(sha1sOf(Buffer.alloc(pieceLength), pieceLength));
  });

  test('addZeros() adds as many zeros as it is given', () => {
    for (const count of [0, 1, 100_000, 1_000_000]) {
      const pieces = new PieceSha1s(count + 1, 300_000);
      pieces.add(Uint8Array.of(1));
      pieces.addZeros(count);
      expect(Buffer.from(pieces.sha1s)).toEqual(
        sha1sOf(Buffer.concat([Uint8Array.of(1), Buffer.alloc(count)]), 300_000),
      );
    }
  });
});
