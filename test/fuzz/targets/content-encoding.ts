import assert from 'node:assert/strict';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { decodeBody } from '../../../src/tracker-client/content-encoding.ts';
import { TrackerCallError } from '../../../src/tracker-client/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const BODY = Buffer.from('d8:intervali1800e5:peers6:\x7f\0\0\x01\x1a\xe1e');
const MAX_BYTES = 20_000;
/** An input begins with the number of one of these; then follows the body. */
const ENCODINGS = [
  'gzip',
  'X-GZIP',
  'deflate',
  'br',
  '',
  undefined,
  'identity',
  'none',
  'zstd',
  ' \x1b gzip, br',
];

/** A compressed answer: no more is ever decompressed than the limit. */
const contentEncoding: FuzzTarget = {
  name: 'content-encoding',
  isSlow: true,
  corpus: () => {
    const bomb = Buffer.alloc(1_000_000);
    const bodies: [number, Uint8Array][] = [
      [0, gzipSync(BODY)],
      [1, gzipSync(bomb)],
      [2, deflateSync(BODY)],
      [2, deflateRawSync(BODY)],
      [2, deflateRawSync(bomb)],
      [3, brotliCompressSync(BODY)],
      [3, brotliCompressSync(bomb)],
      [4, BODY],
      [5, gzipSync(BODY)],
      [8, BODY],
    ];
    return [...bodies.map(([kind, body]) => new Uint8Array([kind, ...body])), bytesOf('\0')];
  },
  maxBytes: MAX_BYTES,
  refusals: [TrackerCallError],
  async run(input) {
    const encoding = ENCODINGS[(input[0] ?? 0) % ENCODINGS.length];
    const body = await decodeBody(input.subarray(1), encoding, MAX_BYTES, 'Ask');
    assert.ok(body.length <= MAX_BYTES);
    return true;
  },
};

export const contentEncodingTargets: readonly FuzzTarget[] = [contentEncoding];
