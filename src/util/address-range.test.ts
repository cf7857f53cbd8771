import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInRange, parseAddressRange } from './address-range.ts';
import { parseIp } from './ip.ts';

const isIn = (ip: string, range: string): boolean => isInRange(parseIp(ip)!, 0, parseAddressRange(range)!);

describe('parseAddressRange()', () => {
  test.each(['', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/-1', '::/129', 'site'])(
    'parseAddressRange() rejects %j',
    (text) => expect(parseAddressRange(text)).toBeUndefined(),
  );

  test('parseAddressRange() reads an address as a range of its own', () => {
    expect(parseAddressRange('192.0.2.1')).toEqual({ prefix: parseIp('192.0.2.1'), bits: 32 });
    expect(parseAddressRange('2001:db8::1')).toEqual({ prefix: parseIp('2001:db8::1'), bits: 128 });
  });
});

describe('isInRange()', () => {
  test.each([
    ['192.0.2.255', '192.0.2.0/24', true],
    ['192.0.3.0', '192.0.2.0/24', false],
    ['10.0.0.15', '10.0.0.8/29', true],
    ['10.0.0.16', '10.0.0.8/29', false],
    ['1.2.3.4', '0.0.0.0/0', true],
    ['2001:db8:1:ffff::', '2001:db8:1::/48', true],
    ['2001:db8:2::', '2001:db8:1::/48', false],
  ])('isInRange() of %s and %s is %s', (ip, range, expected) => expect(isIn(ip, range)).toBe(expected));

  test('isInRange() agrees with comparing bit by bit', () => {
    const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const bitsOf = (ip: Uint8Array): string =>
      [...ip].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(bytes, fc.nat(31), fc.nat(32), (prefix, flipped, bits) => {
        const ip = Uint8Array.from(prefix);
        ip[flipped >> 3]! ^= 0x80 >> (flipped & 7);
        const isSame = bitsOf(ip).slice(0, bits) === bitsOf(prefix).slice(0, bits);
        expect(isInRange(ip, 0, { prefix, bits })).toBe(isSame);
      }),
    );
  });
});
