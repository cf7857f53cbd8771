import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  COMPACT_IPV4_BYTES,
  decodeCompactAddresses,
  encodeCompactAddress,
  formatAddress,
} from './address.ts';
import { canonicalIp } from './ip.ts';

test('decodeCompactAddresses() is the inverse of encodeCompactAddress()', () => {
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), port, (text, port) => {
      const address = { host: canonicalIp(text)!, port };
      const bytes = encodeCompactAddress(address)!;
      expect(decodeCompactAddresses(bytes, bytes.length as 6 | 18)).toEqual([address]);
    }),
  );
});

test('decodeCompactAddresses() leaves out addresses with port 0, and refuses a broken length', () => {
  expect(decodeCompactAddresses(Uint8Array.of(1, 2, 3, 4, 0, 0), COMPACT_IPV4_BYTES)).toEqual([]);
  expect(decodeCompactAddresses(new Uint8Array(7), COMPACT_IPV4_BYTES)).toBeUndefined();
});

test('encodeCompactAddress() is undefined for a host name', () => {
  expect(encodeCompactAddress({ host: 'localhost', port: 1 })).toBeUndefined();
});

test('formatAddress() puts brackets around IPv6', () => {
  expect(formatAddress({ host: '192.0.2.1', port: 80 })).toBe('192.0.2.1:80');
  expect(formatAddress({ host: '2001:db8::1', port: 80 })).toBe('[2001:db8::1]:80');
});
