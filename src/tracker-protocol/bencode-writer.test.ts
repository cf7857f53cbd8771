import { expect, test } from 'vitest';
import { BencodeWriter } from './bencode-writer.ts';

test('BencodeWriter writes only behind the room that it leaves free', () => {
  const bytes = new Uint8Array(20).fill(0xff);
  const writer = new BencodeWriter(5, { room: 3, start: 4, take: () => bytes });
  writer.integer(123);
  expect(writer.finish()).toEqual(Uint8Array.of(0xff, 0xff, 0xff, ...Buffer.from('i123e')));
  expect(bytes.subarray(0, 7)).toEqual(new Uint8Array(7).fill(0xff));
  expect(bytes.subarray(12)).toEqual(new Uint8Array(8).fill(0xff));
});

test('BencodeWriter refuses a response that is longer than its size', () => {
  const writer = new BencodeWriter(5);
  writer.integer(1234);
  expect(() => writer.finish()).toThrow(new RangeError('Wrote 1 bytes too many'));
});

test.each([0, 9, 10, 99, 100, 1_000_000_000, 2 ** 32, Number.MAX_SAFE_INTEGER])(
  'BencodeWriter writes the integer %d',
  (value) => {
    const writer = new BencodeWriter(20);
    writer.integer(value);
    expect(String(Buffer.from(writer.finish()))).toBe(`i${value}e`);
  },
);
