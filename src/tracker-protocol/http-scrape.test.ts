import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../bencode/index.ts';
import { type InfoHash, infoHashFromBytes } from '../util/index.ts';
import {
  decodeScrapeResponse,
  encodeScrapeQuery,
  encodeScrapeResponse,
  MAX_SCRAPE_INFO_HASHES,
  parseScrapeQuery,
  scrapeUrl,
} from './http-scrape.ts';
import type { ScrapeEntry, ScrapeRequest } from './scrape.ts';

const parsed = (query: string): ScrapeRequest => parseScrapeQuery(Buffer.from(query, 'latin1'));

const infoHash = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(infoHashFromBytes);
const infoHashes = (limit: number) => fc.uniqueArray(infoHash, { minLength: 1, maxLength: limit });

describe('parseScrapeQuery()', () => {
  test('parseScrapeQuery() is the inverse of encodeScrapeQuery()', () => {
    fc.assert(
      fc.property(infoHashes(MAX_SCRAPE_INFO_HASHES), (infoHashes) => {
        expect(parsed(encodeScrapeQuery({ infoHashes }))).toEqual({ infoHashes });
      }),
    );
  });

  test('parseScrapeQuery() gives a hash once that is in the query twice', () => {
    const query = `info_hash=${'a'.repeat(20)}`;
    expect(parsed(`${query}&&x=1&${query}`).infoHashes).toEqual(['61'.repeat(20)]);
  });

  test('parseScrapeQuery() cuts a hash of v2 to its first 20 bytes', () => {
    const query = `info_hash=${'a'.repeat(32)}&info_hash=${'a'.repeat(20)}`;
    expect(parsed(query).infoHashes).toEqual(['61'.repeat(20)]);
  });

  test.each([74, 75, MAX_SCRAPE_INFO_HASHES])('parseScrapeQuery() takes %i hashes', (count) => {
    expect(parsed(queryOf(count)).infoHashes).toHaveLength(count);
  });

  test('parseScrapeQuery() refuses too many hashes, no hash, and a hash of a wrong length', () => {
    expect(() => parsed(queryOf(MAX_SCRAPE_INFO_HASHES + 1))).toThrow(/at most/);
    expect(() => parsed('')).toThrow(/needs info_hash/);
    expect(() => parsed('info_hash=abc')).toThrow(/found 3/);
  });
});

describe('decodeScrapeResponse()', () => {
  const counts = fc.maxSafeNat();
  const entry: fc.Arbitrary<ScrapeEntry> = fc.record(
    { complete: counts, incomplete: counts, downloaded: counts, downloaders: counts },
    { requiredKeys: ['complete', 'incomplete', 'downloaded'] },
  );

  test('decodeScrapeResponse() is the inverse of encodeScrapeResponse(), which is strict bencode', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(infoHash, entry)), (entries) => {
        const body = encodeScrapeResponse({ files: new Map(entries) });
        decode(body);
        expect(decodeScrapeResponse(body)).toEqual({ files: new Map(entries) });
      }),
    );
  });

  test('decodeScrapeResponse() reads a failure, and refuses a response without files', () => {
    expect(decodeScrapeResponse(Buffer.from('d14:failure reason2:noe'))).toEqual({ failureReason: 'no' });
    expect(() => decodeScrapeResponse(Buffer.from('de'))).toThrow(/no files/);
  });

  test('decodeScrapeResponse() leaves out entries without a valid info-hash, and reads negative counts as 0', () => {
    const body = Buffer.from('d5:filesd3:abcde20:aaaaaaaaaaaaaaaaaaaad8:completei-1eeee');
    expect(decodeScrapeResponse(body)).toEqual({
      files: new Map([['61'.repeat(20) as InfoHash, { complete: 0, incomplete: 0, downloaded: 0 }]]),
    });
  });
});

test.each([
  ['http://t.example/announce', 'http://t.example/scrape'],
  ['http://t.example/x/announce', 'http://t.example/x/scrape'],
  ['http://t.example/announce.php?a=/b', 'http://t.example/scrape.php?a=/b'],
  ['http://t.example/a', undefined],
  ['http://t.example/announce/x', undefined],
])('scrapeUrl(%j) is %j', (url, expected) => expect(scrapeUrl(url)).toBe(expected));

function queryOf(count: number): string {
  return Array.from({ length: count }, (_, at) => `info_hash=${String(at).padStart(20, '0')}`).join('&');
}
