import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameFromBytes, nameToBytes } from './file-name.ts';

describe('nameFromBytes()', () => {
  test.each([
    ['GBK', 'b2e2cad42e747874', '%B2%E2%CA%D4.txt'],
    ['a letter of Latin-1 among ASCII', '63616fe9', 'cao%E9'],
    ['UTF-8 before and after a stray byte', 'c3bc80c3bc', 'ü%80ü'],
    ['a per cent sign beside a stray byte', '3530258080', '50%25%80%80'],
    ['a surrogate', 'eda080', '%ED%A0%80'],
    ['an overlong slash', 'c0af', '%C0%AF'],
    ['a character beyond Unicode', 'f4908080', '%F4%90%80%80'],
    ['a character that is cut off', '61e282', 'a%E2%82'],
  ])('escapes what is not UTF-8 in %s', (_, hex, name) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(nameFromBytes(bytes)).toBe(name);
    expect(Buffer.from(nameToBytes(name)!)).toEqual(bytes);
  });

  test('leaves UTF-8 as it is, even with a per cent sign in it', () => {
    expect(nameFromBytes(Buffer.from('100%B2.txt'))).toBe('100%B2.txt');
    for (const name of ['100%', 'a%2Fb', '\ufeffname', 'a\ufffdb', '🐟', 'Vol. 1.', 'a\\b', 'a\nb']) {
      expect(nameFromBytes(Buffer.from(name))).toBe(name);
      expect(nameToBytes(name)).toBeUndefined();
    }
  });

  test('gives different texts for different bytes, which nameToBytes() gives back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        const name = nameFromBytes(bytes);
        expect(Buffer.from(nameToBytes(name) ?? Buffer.from(name))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('reads a name of a million bytes that are not UTF-8 without delay', () => {
    expect(nameFromBytes(new Uint8Array(1_000_000).fill(0xff))).toHaveLength(3_000_000);
  });
});
