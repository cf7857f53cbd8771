import { expect, test } from 'vitest';
import { clientKey, networkKey, prefixKey } from './address-prefix.ts';
import { parseIp } from './ip.ts';

const ip = (text: string): Uint8Array => parseIp(text)!;

test('networkKey() is the same for addresses of an IPv4 /24 and of an IPv6 /48, and of no others', () => {
  const of = (text: string) => networkKey(ip(text));
  expect(of('192.0.2.1')).toBe(of('192.0.2.255'));
  expect(of('2001:db8:1::')).toBe(of('2001:db8:1:ffff::1'));
  const different = [
    '192.0.2.1',
    '192.0.3.1',
    '255.255.255.255',
    '0.0.0.0',
    '2001:db8:1::',
    '2001:db8:2::',
    '::',
  ];
  expect(new Set(different.map(of)).size).toBe(different.length);
});

test('clientKey() is the same for addresses of an IPv6 /48, and for no two IPv4 addresses', () => {
  const of = (text: string) => clientKey(ip(text));
  expect(of('2001:db8:1::')).toBe(of('2001:db8:1:ffff::1'));
  expect(of('192.0.2.1')).not.toBe(of('192.0.2.2'));
});

test('prefixKey() tells prefixes of IPv6 of different lengths apart', () => {
  const keys = [48, 56, 64].map((bits) => prefixKey(ip('2001:db8::'), bits));
  expect(new Set(keys).size).toBe(3);
  expect(prefixKey(ip('2001:db8:0:1ff::1'), 56)).toBe(prefixKey(ip('2001:db8:0:100::1'), 56));
});
