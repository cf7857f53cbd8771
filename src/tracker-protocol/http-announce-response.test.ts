import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BencodeDictionary, decode, encode } from '../bencode/index.ts';
import { decodeCompactAddresses, formatIp } from '../util/index.ts';
import type { AnnouncedPeer, CompactAnnounceResponse } from './announce.ts';
import {
  DEFAULT_INTERVAL,
  decodeAnnounceResponse,
  encodeAnnounceResponse,
  encodeTrackerFailure,
  MAX_ANNOUNCE_RESPONSE_BYTES,
  MAX_PEERS_IN_RESPONSE,
} from './http-announce-response.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** An entry that survives: not port 0, and in the case of IPv6 not IPv4 in disguise. */
const peer4 = bytes(6).filter((entry) => (entry[4]! | entry[5]!) !== 0);
const peer6 = bytes(18).filter((entry) => (entry[16]! | entry[17]!) !== 0 && entry[0]! !== 0);
const join = (entries: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(entries));
const count = fc.maxSafeNat();

const response: fc.Arbitrary<CompactAnnounceResponse> = fc
  .record(
    {
      interval: count,
      minInterval: count,
      complete: count,
      incomplete: count,
      ipv4: fc.array(peer4),
      ipv6: fc.array(peer6),
      trackerId: fc.string({ unit: 'binary-ascii' }),
      warningMessage: fc.constantFrom('please update', 'größer als erlaubt'),
      externalIp: fc.oneof(bytes(4), bytes(16)),
      seed: fc.integer({ min: 0, max: 255 }),
    },
    { requiredKeys: ['interval', 'ipv4', 'ipv6', 'seed'] },
  )
  .map(({ ipv4, ipv6, seed, ...rest }) => ({
    ...rest,
    peers: {
      ipv4: join(ipv4),
      ipv6: join(ipv6),
      peerIds: Uint8Array.from({ length: 20 * (ipv4.length + ipv6.length) }, (_, at) => (at + seed) & 0xff),
    },
  }));

function expected(response: CompactAnnounceResponse, withIds: boolean): object {
  const { peers, externalIp, ...rest } = response;
  const addresses: AnnouncedPeer[] = [
    ...decodeCompactAddresses(peers.ipv4, 6)!,
    ...decodeCompactAddresses(peers.ipv6, 18)!,
  ];
  return {
    ...rest,
    peers: addresses.map((address, at) =>
      withIds ? { ...address, peerId: peers.peerIds!.slice(20 * at, 20 * at + 20) } : address,
    ),
    ...(externalIp && { externalIp: formatIp(externalIp) }),
  };
}

describe('encodeAnnounceResponse()', () => {
  test.each(['compact', 'dictionary'] as const)(
    'encodeAnnounceResponse() in the %s form is strict bencode that decodeAnnounceResponse() undoes',
    (form) => {
      fc.assert(
        fc.property(response, (response) => {
          const body = encodeAnnounceResponse(response, form);
          expect(decode(body)).toBeInstanceOf(BencodeDictionary);
          expect(decodeAnnounceResponse(body)).toEqual(expected(response, form === 'dictionary'));
        }),
      );
    },
  );

  test('encodeAnnounceResponse() writes peers for an empty swarm, in both forms', () => {
    const empty = { interval: 9, peers: { ipv4: new Uint8Array(), ipv6: new Uint8Array() } };
    expect(String(Buffer.from(encodeAnnounceResponse(empty, 'compact')))).toBe('d8:intervali9e5:peers0:e');
    expect(String(Buffer.from(encodeAnnounceResponse(empty, 'dictionary')))).toBe('d8:intervali9e5:peerslee');
  });

  test('encodeAnnounceResponse() writes ports of the dictionary form as numbers', () => {
    const peers = { ipv4: Uint8Array.of(192, 0, 2, 1, 0x1a, 0xe1), ipv6: new Uint8Array() };
    expect(String(Buffer.from(encodeAnnounceResponse({ interval: 9, peers }, 'dictionary')))).toBe(
      'd8:intervali9e5:peersld2:ip9:192.0.2.14:porti6881eeee',
    );
  });
});

describe('encodeTrackerFailure()', () => {
  test('encodeTrackerFailure() is what decodeAnnounceResponse() reads', () => {
    const failure = fc.record(
      {
        failureReason: fc.constantFrom('Overloaded', 'nicht hier, größer'),
        retryIn: fc.oneof(fc.constant('never' as const), fc.integer({ min: 1, max: 1e6 })),
        interval: fc.integer({ min: 1, max: 1e6 }),
      },
      { requiredKeys: ['failureReason'] },
    );
    fc.assert(
      fc.property(failure, (failure) => {
        expect(decodeAnnounceResponse(encodeTrackerFailure(failure))).toEqual(failure);
      }),
    );
  });
});

describe('decodeAnnounceResponse()', () => {
  const read = (text: string) => decodeAnnounceResponse(Buffer.from(text, 'latin1'));

  test.each([
    ['a missing interval and missing peers', 'de', { interval: DEFAULT_INTERVAL, peers: [] }],
    ['keys out of order', 'd5:peers0:8:intervali5ee', { interval: 5, peers: [] }],
    ['a newline at the end', 'd8:intervali5e5:peers0:e\n', { interval: 5, peers: [] }],
    ['a negative interval', 'd8:intervali-5e5:peers0:e', { interval: DEFAULT_INTERVAL, peers: [] }],
    ['a peer with a host name', 'd8:intervali5e5:peersld2:ip1:x4:porti1eeee', { interval: 5, peers: [] }],
    ['a peer with port 0', 'd8:intervali5e5:peersld2:ip7:1.2.3.44:porti0eeee', { interval: 5, peers: [] }],
    ['an external ip as text', 'd11:external ip7:1.2.3.48:intervali5ee', { interval: 5, peers: [] }],
    ['retry in as a string', 'd14:failure reason4:busy8:retry in1:5e', { failureReason: 'busy', retryIn: 5 }],
    ['a failure reason that fakes a terminal', 'd14:failure reason5:a\x1b[2Je', { failureReason: 'a [2J' }],
  ])('decodeAnnounceResponse() reads %s', (_, text, answer) => expect(read(text)).toEqual(answer));

  test.each([
    ['nothing', '', 'NOT_BENCODE'],
    ['a web page', '<html>404</html>', 'NOT_BENCODE'],
    ['a list', 'le', 'NOT_A_RESPONSE'],
    ['peers cut short', 'd8:intervali5e5:peers5:aaaaae', 'NOT_A_RESPONSE'],
    ['peers6 of the wrong size', 'd8:intervali5e6:peers66:aaaaaae', 'NOT_A_RESPONSE'],
    ['peers that are a number', 'd8:intervali5e5:peersi5ee', 'NOT_A_RESPONSE'],
  ])('decodeAnnounceResponse() refuses %s', (_, text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'TrackerResponseError', code }));
  });

  test('decodeAnnounceResponse() says what it found instead of an answer', () => {
    expect(() => read('<html>404</html>')).toThrow(/<html>404/);
  });

  test('decodeAnnounceResponse() keeps to its limits', () => {
    const many = Buffer.alloc(6 * (MAX_PEERS_IN_RESPONSE + 1), 1);
    const body = encode(
      new Map<string, number | Uint8Array>([
        ['interval', 5],
        ['peers', many],
      ]),
    );
    expect(decodeAnnounceResponse(body)).toHaveProperty('peers.length', MAX_PEERS_IN_RESPONSE);
    expect(() => decodeAnnounceResponse(new Uint8Array(MAX_ANNOUNCE_RESPONSE_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });

  test('decodeAnnounceResponse() throws TrackerResponseError and nothing else, whatever the bytes', () => {
    const start = Buffer.from('d8:completei1e8:intervali5e5:peers6:abcdef6:peers60:e');
    const mutation = fc.array(fc.tuple(fc.nat(start.length - 1), fc.integer({ min: 0, max: 255 })));
    fc.assert(
      fc.property(mutation, (changes) => {
        const body = Buffer.from(start);
        for (const [at, byte] of changes) body[at] = byte;
        try {
          decodeAnnounceResponse(body);
        } catch (error) {
          expect(error).toHaveProperty('name', 'TrackerResponseError');
        }
      }),
    );
  });
});
