import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InfoHash, infoHashFromBytes, parseInfoHash } from '../util/index.ts';
import type { AnnounceRequest } from './announce.ts';
import { TrackerRequestError } from './query.ts';
import { MAX_UDP_SCRAPE_INFO_HASHES, UDP_EVENTS } from './udp-format.ts';
import {
  decodeUdpAnnounce,
  decodeUdpScrape,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  isUdpConnect,
} from './udp-request.ts';

const head = { connectionId: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), transactionId: 0xfedcba98 };
const infoHash = parseInfoHash('ab'.repeat(20));
const request: AnnounceRequest = {
  infoHash,
  peerId: new Uint8Array(20).fill(7),
  port: 6881,
  uploaded: 3,
  downloaded: 1,
  left: 2,
  event: 'started',
  compact: true,
  noPeerId: true,
};

const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 });
const hashes: fc.Arbitrary<InfoHash> = bytes20.map(infoHashFromBytes);
const count = fc.maxSafeNat();
const requests: fc.Arbitrary<AnnounceRequest> = fc.record(
  {
    infoHash: hashes,
    peerId: bytes20,
    port: fc.integer({ min: 1, max: 65_535 }),
    uploaded: count,
    downloaded: count,
    left: count,
    event: fc.constantFrom(...UDP_EVENTS),
    compact: fc.constant(true),
    noPeerId: fc.constant(true),
    numWant: fc.integer({ min: 0, max: 0x7fff_ffff }),
    key: fc.integer({ min: 1, max: 0xffff_ffff }).map((key) => key.toString(16).padStart(8, '0')),
    ip: fc.ipV4().filter((ip) => ip !== '0.0.0.0'),
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
const latin1 = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** An announce with other bytes from `at` on. */
function changed(at: number, ...bytes: number[]): Buffer {
  const packet = encodeUdpAnnounce(head, request, '');
  packet.set(bytes, at);
  return packet;
}

function withOptions(...bytes: number[]): Buffer {
  return Buffer.concat([encodeUdpAnnounce(head, request, ''), Buffer.from(bytes)]);
}

describe('encodeUdpConnect()', () => {
  test('encodeUdpConnect() writes the packet of BEP 15', () => {
    const packet = encodeUdpConnect(0xfedcba98);
    expect(packet.toString('hex')).toBe('000004172710198000000000fedcba98');
    expect(isUdpConnect(packet)).toBe(true);
    packet[7]! ^= 1;
    expect(isUdpConnect(packet)).toBe(false);
  });
});

describe('encodeUdpAnnounce()', () => {
  test('encodeUdpAnnounce() writes the packet of BEP 15', () => {
    const packet = encodeUdpAnnounce(head, request, '');
    expect(packet.toString('hex')).toBe(
      [
        '0102030405060708',
        '00000001',
        'fedcba98',
        'ab'.repeat(20),
        '07'.repeat(20),
        '0000000000000001',
        '0000000000000002',
        '0000000000000003',
        '00000002',
        '00000000',
        '00000000',
        'ffffffff',
        '1ae1',
      ].join(''),
    );
  });

  test('encodeUdpAnnounce() writes 32 bits for any key, the same ones each time', () => {
    const keyOf = (key: string) =>
      decodeUdpAnnounce(encodeUdpAnnounce(head, { ...request, key }, '')).request.key;
    expect(keyOf('DEADBEEF')).toBe('deadbeef');
    expect(keyOf('a secret of mine')).toMatch(/^[0-9a-f]{8}$/);
    expect(keyOf('a secret of mine')).toBe(keyOf('a secret of mine'));
    expect(keyOf('a secret of mine')).not.toBe(keyOf('another one'));
  });
});

describe('decodeUdpAnnounce()', () => {
  test('decodeUdpAnnounce() is the inverse of encodeUdpAnnounce()', () => {
    fc.assert(
      fc.property(requests, latin1, (request, urlData) => {
        const { peerId, ...decoded } = decodeUdpAnnounce(encodeUdpAnnounce(head, request, urlData)).request;
        expect({ ...decoded, peerId: Uint8Array.from(peerId) }).toEqual(request);
        expect(decodeUdpAnnounce(encodeUdpAnnounce(head, request, urlData)).urlData).toBe(urlData);
      }),
    );
  });

  test('decodeUdpAnnounce() throws TrackerRequestError and nothing else, whatever the packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        try {
          decodeUdpAnnounce(Buffer.from(bytes));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(TrackerRequestError);
        }
      }),
    );
  });

  test('decodeUdpAnnounce() refuses a packet of less than 98 bytes', () => {
    expect(() => decodeUdpAnnounce(encodeUdpAnnounce(head, request, '').subarray(0, 97))).toThrow('found 97');
  });

  test('decodeUdpAnnounce() refuses port 0, but takes it from a peer that stops', () => {
    expect(() => decodeUdpAnnounce(changed(96, 0, 0))).toThrow('port');
    expect(
      decodeUdpAnnounce(encodeUdpAnnounce(head, { ...request, port: 0, event: 'stopped' }, '')),
    ).toBeDefined();
  });

  test.each([
    ['-1', [0xff, 0xff, 0xff, 0xff], undefined],
    ['-2^31', [0x80, 0, 0, 0], undefined],
    ['0', [0, 0, 0, 0], 0],
    ['2^31-1', [0x7f, 0xff, 0xff, 0xff], 0x7fff_ffff],
  ])('decodeUdpAnnounce() reads a num_want of %s', (_, bytes, numWant) => {
    expect(decodeUdpAnnounce(changed(92, ...bytes)).request.numWant).toBe(numWant);
  });

  test.each([
    [4, 'paused'],
    [5, 'none'],
    [0xff, 'none'],
  ])('decodeUdpAnnounce() reads event %i as %s', (event, expected) => {
    expect(decodeUdpAnnounce(changed(83, event)).request.event).toBe(expected);
  });

  test('decodeUdpAnnounce() reads a left of -1 as the greatest number', () => {
    expect(decodeUdpAnnounce(changed(64, ...Array(8).fill(0xff))).request.left).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    ['no option', [], ''],
    ['NOP and another option', [1, 1, 9, 2, 0, 0, 2, 2, 0x2f, 0x61], '/a'],
    ['two parts', [2, 1, 0x2f, 2, 1, 0x62], '/b'],
    ['an empty one', [2, 0], ''],
    ['something behind the end', [2, 1, 0x63, 0, 2, 200], 'c'],
    ['the extension bits of 2005', [0, 0], ''],
  ])('decodeUdpAnnounce() reads URL data: %s', (_, bytes, expected) => {
    expect(decodeUdpAnnounce(withOptions(...bytes)).urlData).toBe(expected);
  });

  test.each([[[2]], [[2, 1]], [[2, 3, 0x2f, 0x61]], [[9, 255, 0]], [[1, 2, 9]]])(
    'decodeUdpAnnounce() refuses the cut-off options %j',
    (bytes) => {
      expect(() => decodeUdpAnnounce(withOptions(...bytes))).toThrow('cut off');
    },
  );
});

describe('decodeUdpScrape()', () => {
  test('decodeUdpScrape() is the inverse of encodeUdpScrape()', () => {
    fc.assert(
      fc.property(fc.array(hashes, { minLength: 1, maxLength: MAX_UDP_SCRAPE_INFO_HASHES }), (infoHashes) => {
        expect(decodeUdpScrape(encodeUdpScrape(head, { infoHashes }))).toEqual({ infoHashes });
      }),
    );
  });

  test('decodeUdpScrape() takes the first 74 of more info-hashes', () => {
    const infoHashes = Array.from({ length: 75 }, (_, at) =>
      parseInfoHash(at.toString(16).padStart(40, '0')),
    );
    expect(decodeUdpScrape(encodeUdpScrape(head, { infoHashes })).infoHashes).toEqual(
      infoHashes.slice(0, 74),
    );
  });

  test.each([16, 35, 37, 55])('decodeUdpScrape() refuses a packet of %i bytes', (length) => {
    expect(() => decodeUdpScrape(Buffer.alloc(length))).toThrow('whole info-hashes');
  });
});
