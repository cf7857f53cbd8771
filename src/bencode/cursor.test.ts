import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BencodeCursor } from './cursor.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { BencodeDictionary, type BencodeValue } from './value.ts';

const cursorOn = (text: string): BencodeCursor => new BencodeCursor(Buffer.from(text, 'latin1'), 0);

/** Reads the next value as `decode()` would. @param value what it is */
function readValue(cursor: BencodeCursor, value: BencodeValue): BencodeValue | undefined {
  if (typeof value === 'number') return cursor.readInteger();
  if (value instanceof Uint8Array) return cursor.readBytes();
  if (Array.isArray(value)) {
    const list: BencodeValue[] = [];
    expect(cursor.enterList()).toBe(true);
    while (cursor.hasMore()) list.push(readValue(cursor, value[list.length]!)!);
    return list;
  }
  const dictionary = new BencodeDictionary();
  expect(cursor.enterDictionary()).toBe(true);
  while (cursor.hasMore()) {
    const key = cursor.readKey();
    dictionary.set(key, readValue(cursor, (value as BencodeDictionary).get(key)!)!);
  }
  return dictionary;
}

const { value: anyValue } = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger().map((value) => (value === 0 ? 0 : value)),
    fc.uint8Array({ maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.string({ maxLength: 3, unit: 'binary-ascii' }), tie('value')), { maxLength: 4 })
      .map((entries) => new BencodeDictionary(entries)),
  ),
}));

test('BencodeCursor reads the same values as decode()', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encode(value);
      const read = readValue(new BencodeCursor(bytes, 0), decode(bytes));
      expect(encode(read!)).toEqual(bytes);
    }),
    { numRuns: 300 },
  );
});

test('BencodeCursor skips a value of another kind than the caller asks for', () => {
  const cursor = cursorOn('l4:spami7eli1eed1:ai1ee3:ende');
  cursor.enterList();
  expect(cursor.readInteger()).toBeUndefined();
  expect(cursor.readBytes()).toBeUndefined();
  expect(cursor.enterDictionary()).toBe(false);
  expect(cursor.enterList()).toBe(false);
  expect(cursor.readBytes()).toEqual(Buffer.from('end'));
  expect(cursor.hasMore()).toBe(false);
});

test('BencodeCursor gives no integer that a number does not hold exactly', () => {
  expect(cursorOn('i9007199254740993e').readInteger()).toBeUndefined();
  expect(cursorOn('i-5e').readInteger()).toBe(-5);
});

test('BencodeCursor gives back the view of the last string when the next one is equal', () => {
  const cursor = cursorOn('l3:abc3:abc3:abd2:abe');
  cursor.enterList();
  const first = cursor.readBytes()!;
  expect(cursor.readBytes(first)).toBe(first);
  expect(cursor.readBytes(first)).toEqual(Buffer.from('abd'));
  expect(cursor.readBytes(first)).toEqual(Buffer.from('ab'));
});
