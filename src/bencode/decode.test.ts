import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, decodePrefix } from './decode.ts';
import { encode } from './encode.ts';
import { BencodeError, type BencodeErrorCode } from './errors.ts';
import { BencodeDictionary, type BencodeValue } from './value.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function codeOf(work: () => unknown): BencodeErrorCode | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof BencodeError) return error.code;
    throw error;
  }
}

/** Any value in the shape that decode() gives. */
const { value: anyValue } = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.integer(),
    fc.maxSafeInteger(),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((wide) => (Number.isSafeInteger(Number(wide)) ? Number(wide) : wide)),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 8 }), tie('value')), { maxLength: 5 })
      .map(
        (entries) =>
          new BencodeDictionary(entries.map(([key, value]) => [Buffer.from(key).toString('latin1'), value])),
      ),
  ),
}));

const lenient = (text: string): BencodeValue => decode(bytesOf(text), { lenient: true });

/** Faults that are found in the middle of other values. */
const FAULTS: readonly (readonly [string, BencodeErrorCode])[] = [
  ['i-0e', 'BAD_INTEGER'],
  ['i03e', 'BAD_INTEGER'],
  ['i1', 'TRUNCATED'],
  ['5:abc', 'TRUNCATED'],
  ['03:abc', 'BAD_STRING_LENGTH'],
  ['x', 'BAD_VALUE'],
  ['li1e', 'TRUNCATED'],
  ['d1:ae', 'BAD_VALUE'],
  ['di1ei2ee', 'BAD_KEY'],
  ['d1:bi1e1:ai2ee', 'UNSORTED_KEYS'],
  ['d2:aai1e1:ai2ee', 'UNSORTED_KEYS'],
  ['d1:ai1e1:ai2ee', 'DUPLICATE_KEY'],
];

describe('decode()', () => {
  test('decode() reads the examples of BEP 3', () => {
    expect(decode(bytesOf('4:spam'))).toEqual(bytesOf('spam'));
    expect(decode(bytesOf('0:'))).toEqual(bytesOf(''));
    expect(decode(bytesOf('i3e'))).toBe(3);
    expect(decode(bytesOf('i-3e'))).toBe(-3);
    expect(decode(bytesOf('i0e'))).toBe(0);
    expect(decode(bytesOf('l4:spam4:eggse'))).toEqual([bytesOf('spam'), bytesOf('eggs')]);
    const dictionary = decode(bytesOf('d3:cow3:moo4:spaml1:a1:bee')) as BencodeDictionary;
    expect(dictionary.getText('cow')).toBe('moo');
    expect(dictionary.getList('spam')).toEqual([bytesOf('a'), bytesOf('b')]);
  });

  test.each<[string, BencodeErrorCode]>([
    ['', 'TRUNCATED'],
    ['i-0e', 'BAD_INTEGER'],
    ['i03e', 'BAD_INTEGER'],
    ['i00e', 'BAD_INTEGER'],
    ['i-03e', 'BAD_INTEGER'],
    ['i-e', 'BAD_INTEGER'],
    ['ie', 'BAD_INTEGER'],
    ['i+1e', 'BAD_INTEGER'],
    ['i1.5e', 'BAD_INTEGER'],
    ['i--1e', 'BAD_INTEGER'],
    ['i 1e', 'BAD_INTEGER'],
    ['i12', 'TRUNCATED'],
    ['i9223372036854775808e', 'INTEGER_RANGE'],
    ['i-9223372036854775809e', 'INTEGER_RANGE'],
    [`i${'9'.repeat(5000)}e`, 'INTEGER_RANGE'],
    ['i1etrailing', 'TRAILING_BYTES'],
    ['lei0e', 'TRAILING_BYTES'],
    ['5:abc', 'TRUNCATED'],
    ['5', 'TRUNCATED'],
    [`${'9'.repeat(5000)}:`, 'TRUNCATED'],
    ['03:abc', 'BAD_STRING_LENGTH'],
    ['00:', 'BAD_STRING_LENGTH'],
    ['1x:a', 'BAD_STRING_LENGTH'],
    ['-1:a', 'BAD_VALUE'],
    ['x', 'BAD_VALUE'],
    ['e', 'BAD_VALUE'],
    ['l', 'TRUNCATED'],
    ['li1e', 'TRUNCATED'],
    ['d', 'TRUNCATED'],
    ['d1:a', 'TRUNCATED'],
    ['d1:ae', 'BAD_VALUE'],
    ['di1ei2ee', 'BAD_KEY'],
    ['d1:bi1e1:ai2ee', 'UNSORTED_KEYS'],
    ['d2:aai1e1:ai2ee', 'UNSORTED_KEYS'],
    ['d1:ai1e1:ai2ee', 'DUPLICATE_KEY'],
  ])('decode() rejects %.30s with %s', (text, code) => {
    expect(codeOf(() => decode(bytesOf(text)))).toBe(code);
  });

  test('decode() gives an integer exactly: a number where that is safe, else a bigint', () => {
    expect(decode(bytesOf('i9007199254740991e'))).toBe(Number.MAX_SAFE_INTEGER);
    expect(decode(bytesOf('i9007199254740993e'))).toBe(9007199254740993n);
    expect(decode(bytesOf('i9223372036854775807e'))).toBe(2n ** 63n - 1n);
    expect(decode(bytesOf('i-9223372036854775808e'))).toBe(-(2n ** 63n));
  });

  test('decode() sorts keys as raw bytes, so that 0xff comes after 0x7f', () => {
    expect(decode(bytesOf('d1:\x7fi1e1:\xffi2ee'))).toBeInstanceOf(BencodeDictionary);
    expect(codeOf(() => decode(bytesOf('d1:\xffi1e1:\x7fi2ee')))).toBe('UNSORTED_KEYS');
  });

  test('decode() when lenient takes keys in any order', () => {
    expect([...(lenient('d1:bi1e1:ai2ee') as BencodeDictionary).entries()]).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
  });

  test('decode() when lenient takes the first of equal keys, and spanOf() finds it', () => {
    for (const text of ['d1:ai1e1:ai22ee', 'd1:ai1e1:bi3e1:ai22ee']) {
      const dictionary = lenient(text) as BencodeDictionary;
      expect(dictionary.get('a')).toBe(1);
      expect(dictionary.spanOf('a')).toEqual({ start: 4, end: 7 });
    }
    expect(codeOf(() => lenient('d1:ai1e1:axe'))).toBe('BAD_VALUE');
  });

  test('decode() when lenient takes leading zeros', () => {
    expect(lenient('i03e')).toBe(3);
    expect(lenient('i-03e')).toBe(-3);
    expect(Object.is(lenient('i-0e'), 0)).toBe(true);
    expect(lenient(`i${'0'.repeat(30)}9007199254740993e`)).toBe(9007199254740993n);
    expect(lenient('03:abc')).toEqual(bytesOf('abc'));
    expect(codeOf(() => lenient('ie'))).toBe('BAD_INTEGER');
    expect(codeOf(() => lenient('i3ex'))).toBe('TRAILING_BYTES');
  });

  test('decode() leaves out the values that are not wanted, and cursorAt() reads them', () => {
    const input = bytesOf('d1:ali1ei2ee1:bd1:ci3e1:di4eee');
    const root = decode(input, {
      isWanted: (key, depth) => (depth === 0 ? key === 'b' : key === 'd'),
      maxValues: 3,
    }) as BencodeDictionary;
    expect([...root.keys()]).toEqual(['b']);
    expect([...root.getDictionary('b')!]).toEqual([['d', 4]]);
    expect(root.spanOf('a')).toEqual({ start: 4, end: 12 });
    const list = root.cursorAt('a')!;
    expect([list.enterList(), list.readInteger(), list.readInteger(), list.hasMore()]).toEqual([
      true,
      1,
      2,
      false,
    ]);
    expect(root.cursorAt('none')).toBeUndefined();
  });

  test('decode() checks values that are not wanted like all others', () => {
    const isWanted = () => false;
    for (const [text, code] of FAULTS) {
      expect(codeOf(() => decode(bytesOf(`d1:a${text}`), { isWanted }))).toBe(code);
    }
    expect(codeOf(() => decode(bytesOf(`d1:a${'l'.repeat(20_000)}`), { isWanted }))).toBe('TOO_DEEP');
  });

  test('decode() refuses more depth, bytes and values than its limits', () => {
    expect(codeOf(() => decode(bytesOf('l'.repeat(20_000))))).toBe('TOO_DEEP');
    expect(codeOf(() => decode(bytesOf('d1:a'.repeat(20_000))))).toBe('TOO_DEEP');
    expect(codeOf(() => decode(bytesOf('lllleeee'), { maxDepth: 3 }))).toBe('TOO_DEEP');
    expect(codeOf(() => decode(bytesOf('llleee'), { maxDepth: 3 }))).toBeUndefined();
    expect(codeOf(() => decode(bytesOf('5:abcde'), { maxBytes: 6 }))).toBe('TOO_LARGE');
    expect(codeOf(() => decode(bytesOf('li1ei2ee'), { maxValues: 2 }))).toBe('TOO_MANY_VALUES');
    expect(codeOf(() => decode(bytesOf('li1ei2ee'), { maxValues: 3 }))).toBeUndefined();
  });

  test('decode() names the byte at which the fault is', () => {
    try {
      decode(bytesOf('l4:spami03ee'));
      expect.unreachable();
    } catch (error) {
      expect((error as BencodeError).offset).toBe(7);
    }
  });

  test('decode() gives views into its input, also when that is a view itself', () => {
    const whole = bytesOf('xx4:spamxx');
    const value = decode(whole.subarray(2, 8)) as Uint8Array;
    expect(value.buffer).toBe(whole.buffer);
    expect(value.byteOffset).toBe(4);
  });

  test('spanOf() gives the bytes of a value as they are in the input', () => {
    const input = bytesOf('d4:infod1:ai1ee4:spami-7ee');
    const dictionary = decode(input) as BencodeDictionary;
    const { start, end } = dictionary.spanOf('info')!;
    expect(Buffer.from(input.subarray(start, end)).toString('latin1')).toBe('d1:ai1ee');
    expect(dictionary.spanOf('none')).toBeUndefined();
    expect(new BencodeDictionary([['a', 1]]).spanOf('a')).toBeUndefined();
  });

  test('spanOf() of each key covers the bytes that encode() writes for its value', () => {
    const dictionaries = anyValue.filter((value) => value instanceof BencodeDictionary);
    fc.assert(
      fc.property(dictionaries, (value) => {
        const input = encode([7, value]);
        const [, dictionary] = decode(input) as [number, BencodeDictionary];
        for (const [key, item] of dictionary) {
          const { start, end } = dictionary.spanOf(key)!;
          expect(input.subarray(start, end)).toEqual(encode(item));
        }
      }),
    );
  });

  test('decodePrefix() stops at the end of the value', () => {
    expect(decodePrefix(bytesOf('d1:ai1eepiece data')).end).toBe(8);
  });

  test('decode() is the inverse of encode()', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encode(value);
        const decoded = decode(encoded);
        expect(decoded).toEqual(value);
        expect(encode(decoded)).toEqual(encoded);
      }),
    );
  });

  test('decode() accepts only bytes that encode() writes again unchanged', () => {
    const byte = fc.oneof(fc.constantFrom(...bytesOf('idle0123456789-:')), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (bytes) => {
        const input = Uint8Array.from(bytes);
        if (codeOf(() => decode(input)) === undefined) expect(encode(decode(input))).toEqual(input);
      }),
      { numRuns: 5000 },
    );
  });

  test('decode() throws nothing but BencodeError, whatever the damage to its input', () => {
    const mutation = fc.record({
      at: fc.nat(),
      remove: fc.integer({ min: 0, max: 4 }),
      insert: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        anyValue,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (value, mutations, lenient) => {
          let bytes: number[] = [...encode(value)];
          for (const { at, remove, insert } of mutations) {
            bytes = bytes.toSpliced(at % (bytes.length + 1), remove, ...insert);
          }
          codeOf(() => decode(Uint8Array.from(bytes), { lenient }));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
