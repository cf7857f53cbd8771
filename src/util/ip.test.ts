import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIp, formatIp, ipReach, isPrivateIp, parseIp } from './ip.ts';

describe('parseIp()', () => {
  test('parseIp() agrees with node:net on which texts are addresses', () => {
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.stringMatching(/^[0-9a-f:.]{0,24}$/),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(fc.property(texts, (text) => (parseIp(text) !== undefined) === (isIP(text) !== 0)));
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'fe80::1%lo',
    '1:2:3:4:5:6:7',
    'localhost',
  ])('parseIp() rejects %j', (text) => expect(parseIp(text)).toBeUndefined());

  test('parseIp() reads a mapped IPv4 address as IPv4', () => {
    expect(parseIp('::ffff:192.0.2.1')).toEqual(Uint8Array.of(192, 0, 2, 1));
  });
});

describe('formatIp()', () => {
  test('formatIp() is the inverse of parseIp()', () => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, (bytes) => {
        const text = formatIp(bytes);
        expect(formatIp(parseIp(text)!)).toBe(text);
        if (text.includes(':')) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  test.each([
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('canonicalIp() writes %s as %s', (text, canonical) => expect(canonicalIp(text)).toBe(canonical));
});

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['169.254.0.1', true],
  ['8.8.8.8', false],
  ['::1', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['2001:db8::1', false],
  ['::ffff:10.0.0.1', true],
  ['name', false],
])('isPrivateIp(%j) is %s', (text, expected) => expect(isPrivateIp(text)).toBe(expected));

test.each([
  ['192.0.2.1', 'public'],
  ['2606:4700::1', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['10.0.0.1', 'private'],
  ['127.0.0.1', 'private'],
  ['127.255.0.9', 'private'],
  ['::ffff:127.0.0.1', 'private'],
  ['::ffff:7f00:1', 'private'],
  ['100.64.0.1', 'private'],
  ['198.18.0.1', 'private'],
  ['::1', 'private'],
  ['fd00::1', 'private'],
  ['169.254.169.254', 'special'],
  ['::ffff:169.254.169.254', 'special'],
  ['192.0.0.192', 'special'],
  ['0.0.0.0', 'special'],
  ['224.0.0.1', 'special'],
  ['255.255.255.255', 'special'],
  ['::', 'special'],
  ['::7f00:1', 'special'],
  ['fe80::1', 'special'],
  ['fe80::1%eth0', 'special'],
  ['fec0::1', 'special'],
  ['ff02::1', 'special'],
  ['64:ff9b::7f00:1', 'special'],
  ['64:ff9b:1::7f00:1', 'special'],
  ['2002:7f00:1::', 'special'],
  ['2001::1', 'special'],
  ['localhost', 'special'],
])('ipReach(%j) is %s', (text, expected) => expect(ipReach(text)).toBe(expected));
