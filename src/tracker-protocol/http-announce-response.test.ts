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
  MAX_NAMED_PEERS,
  MAX_PEERS_IN_RESPONSE,
} from './http-announce-response.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** An entry that the decoder keeps: its port is not 0, and an IPv6 address is no mapped IPv4 one. */
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
    'encodeAnnounceResponse() in the %s form writes strict bencode, which decodeAnnounceResponse() reads',
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
  test('encodeTrackerFailure() writes a failure that decodeAnnounceResponse() reads', () => {
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
    ['an interval in digits', 'd8:interval2:60e', { interval: 60, peers: [] }],
    ['an interval that is text', 'd8:interval4:soone', { interval: DEFAULT_INTERVAL, peers: [] }],
    [
      'a peer with a host name apart from the others',
      'd8:intervali5e5:peersld2:ip6:x.test4:porti1eeee',
      { interval: 5, peers: [], namedPeers: [{ name: 'x.test', port: 1 }] },
    ],
    [
      'a peer with what is no host name',
      'd8:intervali5e5:peersld2:ip3:a/b4:porti1eeee',
      { interval: 5, peers: [] },
    ],
    [
      'a port in digits, an address in brackets, and entries that are no peers between them',
      'd8:intervali5e5:peersli1ed2:ip7:1.2.3.44:port2:80ede2:hid2:ip12:[2001:db8::]4:porti1eeee',
      {
        interval: 5,
        peers: [
          { host: '1.2.3.4', port: 80 },
          { host: '2001:db8::', port: 1 },
        ],
      },
    ],
    [
      'the whole entries of compact peers that were cut off',
      'd8:intervali5e5:peers8:abcd\0\x01ab6:peers619:\x20\x01aaaaaaaaaaaaaa\0\x01ae',
      {
        interval: 5,
        peers: [
          { host: '97.98.99.100', port: 1 },
          { host: '2001:6161:6161:6161:6161:6161:6161:6161', port: 1 },
        ],
      },
    ],
    [
      'peers6 beside peers of which nothing can be read',
      'd8:intervali5e5:peersi7e6:peers618:\x20\x01aaaaaaaaaaaaaa\0\x01e',
      { interval: 5, peers: [{ host: '2001:6161:6161:6161:6161:6161:6161:6161', port: 1 }] },
    ],
    [
      'peers6 as a list',
      'd6:peers6ld2:ip3:::14:porti1eeee',
      { interval: DEFAULT_INTERVAL, peers: [{ host: '::1', port: 1 }] },
    ],
    ['a failure reason that is not UTF-8', 'd14:failure reason6:gr\xf6\xdfere', { failureReason: 'größer' }],
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
    ['peers6 cut short', 'd8:intervali5e6:peers66:aaaaaae', 'NOT_A_RESPONSE'],
    ['peers that are a number', 'd8:intervali5e5:peersi5ee', 'NOT_A_RESPONSE'],
  ])('decodeAnnounceResponse() refuses %s', (_, text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'TrackerResponseError', code }));
  });

  test('decodeAnnounceResponse() quotes the text that it found in place of a response', () => {
    expect(() => read('<html>404</html>')).toThrow(/<html>404/);
  });

  test('decodeAnnounceResponse() reads no more peers than its limits, and refuses too many bytes', () => {
    const many = Buffer.alloc(6 * (MAX_PEERS_IN_RESPONSE + 1), 1);
    const body = encode(
      new Map<string, number | Uint8Array>([
        ['interval', 5],
        ['peers', many],
      ]),
    );
    expect(decodeAnnounceResponse(body)).toHaveProperty('peers.length', MAX_PEERS_IN_RESPONSE);
    const named = 'd2:ip1:x4:porti1ee'.repeat(MAX_NAMED_PEERS + 1);
    expect(read(`d5:peersl${named}ee`)).toHaveProperty('namedPeers.length', MAX_NAMED_PEERS);
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
