import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeBody } from './content-encoding.ts';

const plain = Buffer.from('d8:intervali60e5:peers0:e');
const decode = (body: Uint8Array, encoding?: string, maxBytes = 1000) =>
  decodeBody(body, encoding, maxBytes, 'GET http://t.example/announce');

describe('decodeBody()', () => {
  test.each<[what: string, body: Uint8Array, encoding: string | undefined]>([
    ['plain', plain, undefined],
    ['gzip', gzipSync(plain), 'gzip'],
    ['x-gzip', gzipSync(plain), ' X-GZIP '],
    ['gzip that nothing announces', gzipSync(plain), undefined],
    ['gzip whose end is missing', gzipSync(plain).subarray(0, -8), 'gzip'],
    ['deflate', deflateSync(plain), 'deflate'],
    ['deflate without its frame', deflateRawSync(plain), 'deflate'],
    ['br', brotliCompressSync(plain), 'br'],
    ['plain that is called gzip', plain, 'gzip'],
    ['plain that is called deflate', plain, 'deflate'],
    ['identity', plain, 'identity'],
  ])('decodeBody() reads a body that is %s', async (_what, body, encoding) => {
    expect(Buffer.from(await decode(body, encoding))).toEqual(plain);
  });

  test.each(['gzip', 'deflate', 'br'])(
    'decodeBody() says TOO_LARGE to a body in %s that is over the limit when decoded',
    async (encoding) => {
      const zeros = Buffer.alloc(2 ** 20);
      const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding]!;
      await expect(decode(compress(zeros), encoding)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    },
  );

  test.each<[what: string, body: Uint8Array, encoding: string]>([
    ['damaged', Uint8Array.of(0x1f, 0x8b, 9, 9, 9), 'gzip'],
    ['of another kind', plain, 'zstd'],
    ['compressed twice', gzipSync(gzipSync(plain)), 'gzip, gzip'],
  ])('decodeBody() says BAD_RESPONSE to a body that is %s', async (_what, body, encoding) => {
    await expect(decode(body, encoding)).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});
