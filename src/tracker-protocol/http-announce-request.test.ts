import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InfoHash, infoHashFromBytes } from '../util/index.ts';
import type { AnnounceRequest } from './announce.ts';
import { MAX_ANNOUNCE_TEXT } from './announce-values.ts';
import { encodeAnnounceQuery, parseAnnounceQuery } from './http-announce-request.ts';

const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 });
const latin1 = fc
  .uint8Array({ minLength: 1, maxLength: MAX_ANNOUNCE_TEXT })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const count = fc.maxSafeNat();

const request: fc.Arbitrary<AnnounceRequest> = fc.record(
  {
    infoHash: bytes20.map(infoHashFromBytes),
    peerId: bytes20,
    port: fc.integer({ min: 1, max: 65_535 }),
    ip: fc.oneof(fc.ipV4(), fc.ipV6()),
    uploaded: count,
    downloaded: count,
    left: count,
    event: fc.constantFrom('none', 'started', 'completed', 'stopped', 'paused'),
    numWant: count,
    key: latin1,
    trackerId: latin1,
    compact: fc.boolean(),
    noPeerId: fc.boolean(),
  },
  {
    requiredKeys: [
      'infoHash',
      'peerId',
      'port',
      'uploaded',
      'downloaded',
      'left',
      'event',
      'compact',
      'noPeerId',
    ],
  },
);

const parsed = (query: string): AnnounceRequest => parseAnnounceQuery(Buffer.from(query, 'latin1'));

const infoHash = '%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A';
const minimal = `info_hash=${infoHash}&peer_id=-XX0001-abcdefghijkl&port=6881&left=0`;

describe('parseAnnounceQuery()', () => {
  test('parseAnnounceQuery() is the inverse of encodeAnnounceQuery()', () => {
    fc.assert(
      fc.property(request, (request) => {
        const read = parsed(encodeAnnounceQuery(request));
        expect(read).toEqual(request);
      }),
    );
  });

  test('parseAnnounceQuery() throws TrackerRequestError and nothing else, whatever the query', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom('info_hash=', 'peer_id=', 'port=', 'left=', '&', '=', '%', '%4', '1', '__proto__='),
        fc.string({ maxLength: 4 }),
      ),
    );
    fc.assert(
      fc.property(noise, (parts) => {
        try {
          parsed(parts.join(''));
        } catch (error) {
          expect(error).toHaveProperty('name', 'TrackerRequestError');
        }
      }),
    );
  });

  test('parseAnnounceQuery() takes an info_hash as bytes: %00, a literal +, an escaped &', () => {
    const query = minimal.replace(infoHash, `%00+%26${'a'.repeat(17)}`);
    expect(parsed(query).infoHash).toBe(`002b26${'61'.repeat(17)}`);
  });

  test('parseAnnounceQuery() cuts an info_hash of v2 to its first 20 bytes, but refuses a long peer_id', () => {
    const long = (text: string) => minimal.replace(text, `${text}%00bcdefghijkl`);
    expect(parsed(long(infoHash))).toEqual(parsed(minimal));
    expect(() => parsed(long('-XX0001-abcdefghijkl'))).toThrow(/found 32/);
  });

  test('parseAnnounceQuery() fills in defaults for the keys that are optional', () => {
    expect(parsed(minimal)).toEqual({
      infoHash: '123456789abcdef123456789abcdef123456789a' as InfoHash,
      peerId: Uint8Array.from(Buffer.from('-XX0001-abcdefghijkl')),
      port: 6881,
      uploaded: 0,
      downloaded: 0,
      left: 0,
      event: 'none',
      compact: true,
      noPeerId: false,
    });
  });

  test.each([
    ['info_hash', minimal.replace('info_hash', 'hash')],
    ['peer_id', minimal.replace('peer_id', 'id')],
    ['port', minimal.replace('port', 'sport')],
    ['left', minimal.replace('left', 'right')],
  ])('parseAnnounceQuery() refuses a query without %s', (key, query) => {
    expect(() => parsed(query)).toThrow(
      expect.objectContaining({ code: 'MISSING_KEY', message: expect.stringContaining(key) }),
    );
  });

  test.each(['info_hash', 'port', 'event', 'key'])('parseAnnounceQuery() refuses %s twice', (key) => {
    const query = `${minimal}&event=started&key=a&${key}=1`;
    expect(() => parsed(query)).toThrow(expect.objectContaining({ code: 'DUPLICATE_KEY' }));
  });

  test.each([
    ['31 bytes', `${infoHash}abcdefghijk`, /found 31/],
    ['40 hex digits', '0123456789abcdef0123456789abcdef01234567', /hex digits/],
    ['19 bytes', 'a'.repeat(19), /found 19/],
    ['nothing', '', /found 0/],
    ['a broken escape', `${'a'.repeat(19)}%4g`, /two hex digits/],
    ['an escape cut short', `${'a'.repeat(19)}%4`, /two hex digits/],
  ])('parseAnnounceQuery() refuses an info_hash of %s', (_, text, message) => {
    expect(() => parsed(minimal.replace(infoHash, text))).toThrow(message);
  });

  test.each(['', '-1', '65536', '1e3', '0x10', ' 1', '99999999999999999999999'])(
    'parseAnnounceQuery() refuses port "%s"',
    (port) => {
      expect(() => parsed(minimal.replace('6881', port))).toThrow(
        expect.objectContaining({ code: 'BAD_VALUE' }),
      );
    },
  );

  test('parseAnnounceQuery() takes port 0 from a peer that stops, and from no other', () => {
    const query = minimal.replace('6881', '0');
    expect(parsed(`${query}&event=stopped`).port).toBe(0);
    expect(() => parsed(`${query}&event=started`)).toThrow(/nobody can connect/);
  });

  test.each([
    ['-1', undefined],
    ['0', 0],
    ['18446744073709551615', Number.MAX_SAFE_INTEGER],
  ])('parseAnnounceQuery() reads numwant=%s as %s', (text, numWant) => {
    expect(parsed(`${minimal}&numwant=${text}`).numWant).toBe(numWant);
  });

  test('parseAnnounceQuery() reads left=2^63-1, which some clients send at the start, as the greatest number', () => {
    const query = minimal.replace('left=0', 'left=9223372036854775807');
    expect(parsed(query).left).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    ['paused', 'paused'],
    ['', 'none'],
    ['empty', 'none'],
    ['sleeping', 'none'],
  ])('parseAnnounceQuery() reads event "%s" as %s', (text, event) => {
    expect(parsed(`${minimal}&event=${text}`).event).toBe(event);
  });

  test('parseAnnounceQuery() refuses a key of more than 255 bytes', () => {
    expect(() => parsed(`${minimal}&key=${'k'.repeat(256)}`)).toThrow(/255/);
  });
});
