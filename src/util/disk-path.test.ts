import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diskPathFromBytes, diskPathToBytes, fsPath } from './disk-path.ts';

describe('diskPathFromBytes()', () => {
  test('keeps any bytes, which diskPathToBytes() gives back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(diskPathToBytes(diskPathFromBytes(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('keeps a text in UTF-8 as it is, even with a replacement character in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(diskPathFromBytes(Buffer.from(`${text}\ufffd`))).toBe(`${text}\ufffd`);
      }),
    );
  });

  test('makes a lone surrogate of each byte that is not UTF-8', () => {
    expect(diskPathFromBytes(Buffer.from('b2e22e747874', 'hex'))).toBe('\udcb2\udce2.txt');
    expect(diskPathFromBytes(Buffer.from('eda080', 'hex'))).toBe('\udced\udca0\udc80');
  });
});

test('fsPath() gives bytes for a path that is not UTF-8, and the text for any other', () => {
  expect(fsPath('/a/Ünï/🐟')).toBe('/a/Ünï/🐟');
  expect(fsPath('/a/\udcb2')).toEqual(Buffer.from([0x2f, 0x61, 0x2f, 0xb2]));
});
