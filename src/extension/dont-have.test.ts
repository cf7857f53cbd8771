import { expect, test } from 'vitest';
import { decodeDontHave } from './dont-have.ts';

test('decodeDontHave() reads the index of the piece from a payload at any offset of its memory', () => {
  const memory = Uint8Array.of(9, 0xff, 0x01, 0x02, 0x03, 9);
  expect(decodeDontHave(memory.subarray(1, 5))).toBe(0xff010203);
});

test('decodeDontHave() refuses a payload of another length', () => {
  for (const length of [0, 3, 5]) {
    expect(() => decodeDontHave(new Uint8Array(length))).toThrow(`it has ${length} bytes instead of 4`);
  }
});
