import { describe, expect, test } from 'vitest';
import { Bencoded, type Encodable, encode } from './encode.ts';
import { BencodeError } from './errors.ts';
import { BencodeDictionary, keyToText, textToKey } from './value.ts';

const textOf = (value: Encodable): string => Buffer.from(encode(value)).toString('latin1');

describe('encode()', () => {
  test('encode() writes each kind of value', () => {
    expect(textOf(0)).toBe('i0e');
    expect(textOf(-0)).toBe('i0e');
    expect(textOf(-42)).toBe('i-42e');
    expect(textOf(2n ** 63n - 1n)).toBe('i9223372036854775807e');
    expect(textOf('spam')).toBe('4:spam');
    expect(textOf('ü')).toBe('2:\xc3\xbc');
    expect(textOf(Uint8Array.of(0xff, 0))).toBe('2:\xff\x00');
    expect(textOf(['a', ['b'], []])).toBe('l1:al1:belee');
    expect(textOf(new Map([['a', 1]]))).toBe('d1:ai1ee');
  });

  test('encode() sorts keys by their bytes, and leaves out keys that are undefined', () => {
    expect(textOf({ b: 1, a: 2, B: 3, none: undefined })).toBe('d1:Bi3e1:ai2e1:bi1ee');
    expect(
      textOf(
        new BencodeDictionary([
          ['\xff', 1],
          ['aa', 2],
          ['a', 3],
        ]),
      ),
    ).toBe('d1:ai3e2:aai2e1:\xffi1ee');
  });

  test('encode() writes a value that is bencoded already as it is', () => {
    expect(textOf({ info: new Bencoded(Buffer.from('d1:bi1e1:ai2ee')) })).toBe('d4:infod1:bi1e1:ai2eee');
  });

  test.each<[string, Encodable]>([
    ['a fraction', 1.5],
    ['NaN', Number.NaN],
    ['an unsafe number', 2 ** 53],
    ['an integer of more than 64 bits', 2n ** 63n],
    ['a key that is no byte string', { '€': 1 }],
    ['what has no form in bencode', [null as never]],
  ])('encode() rejects %s', (_, value) => {
    expect(() => encode(value)).toThrow(BencodeError);
    expect(() => encode(value)).toThrow(/^Cannot encode/);
  });

  test('encode() rejects a list that contains itself', () => {
    const list: Encodable[] = [];
    list.push(list);
    expect(() => encode(list)).toThrow(/Cannot encode more than 64 nested/);
  });
});

describe('BencodeDictionary', () => {
  test('BencodeDictionary gives undefined for an absent key and for a value of another kind', () => {
    const dictionary = new BencodeDictionary([
      ['integer', 7],
      ['wide', 2n ** 60n],
      ['text', Buffer.from('grüß')],
    ]);
    expect(dictionary.getInteger('integer')).toBe(7);
    expect(dictionary.getInteger('wide')).toBeUndefined();
    expect(dictionary.getInteger('text')).toBeUndefined();
    expect(dictionary.getText('text')).toBe('grüß');
    expect(dictionary.getText('none')).toBeUndefined();
    expect(dictionary.getBytes('integer')).toBeUndefined();
    expect(dictionary.getList('integer')).toBeUndefined();
    expect(dictionary.getDictionary('text')).toBeUndefined();
  });

  test('keyToText() gives back the text that textToKey() was given', () => {
    expect(keyToText(textToKey('grüß 🐟'))).toBe('grüß 🐟');
  });
});
