import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { infoHashFromBytes } from '../util/index.ts';
import { encodeHandshake, HANDSHAKE_BYTES, type Handshake, HandshakeReader } from './handshake.ts';
import { WireError } from './wire-error.ts';

const twentyBytes = fc.uint8Array({ minLength: 20, maxLength: 20 });
const handshakes: fc.Arbitrary<Handshake> = fc.record({
  infoHash: twentyBytes.map(infoHashFromBytes),
  peerId: twentyBytes,
  supports: fc.record({ fast: fc.boolean(), extended: fc.boolean(), dht: fc.boolean(), v2: fc.boolean() }),
});
const example: Handshake = {
  infoHash: infoHashFromBytes(new Uint8Array(20).fill(0xab)),
  peerId: Buffer.from('-SH0100-abcdefghijkl'),
  supports: { fast: true, extended: true, dht: true, v2: true },
};

describe('encodeHandshake()', () => {
  test('sets the bits of BEP 5, 6, 10 and 52', () => {
    const expected = `\x13BitTorrent protocol\0\0\0\0\0\x10\0\x15${'\xab'.repeat(20)}-SH0100-abcdefghijkl`;
    expect(Buffer.from(encodeHandshake(example)).toString('latin1')).toBe(expected);
  });

  test('refuses a peer id that is not 20 bytes', () => {
    expect(() => encodeHandshake({ ...example, peerId: new Uint8Array(19) })).toThrow(RangeError);
  });
});

describe('HandshakeReader', () => {
  test('reads what encodeHandshake() wrote, however it is cut, and leaves the bytes that follow', () => {
    fc.assert(
      fc.property(handshakes, fc.uint8Array(), fc.integer({ min: 1, max: 80 }), (handshake, rest, size) => {
        const stream = Buffer.concat([encodeHandshake(handshake), rest]);
        const reader = new HandshakeReader();
        let taken = 0;
        while (taken < HANDSHAKE_BYTES) {
          expect(reader.handshake).toBeUndefined();
          taken += reader.push(stream.subarray(taken, taken + size));
        }
        expect(taken).toBe(HANDSHAKE_BYTES);
        expect(reader.push(stream.subarray(taken))).toBe(0);
        const { peerId, ...others } = reader.handshake!;
        expect({ ...others, peerId: new Uint8Array(peerId) }).toEqual(handshake);
      }),
    );
  });

  test('gives the info-hash and the supported protocols before the peer id has come', () => {
    const reader = new HandshakeReader();
    reader.push(encodeHandshake(example).subarray(0, 47));
    expect(reader.opening).toBeUndefined();
    reader.push(encodeHandshake(example).subarray(47, 48));
    expect(reader.opening).toEqual({ infoHash: example.infoHash, supports: example.supports });
    expect(reader.handshake).toBeUndefined();
  });

  test.each([0, 1, 10, 19])(
    'refuses another protocol as soon as byte %i, the first wrong one, arrives',
    (at) => {
      const bytes = encodeHandshake(example);
      bytes[at]! ^= 1;
      const reader = new HandshakeReader();
      expect(reader.push(bytes.subarray(0, at))).toBe(at);
      expect(() => reader.push(bytes.subarray(at, at + 1))).toThrow(WireError);
    },
  );
});
