import { describe, expect, test } from 'vitest';
import { compareFilePaths } from './entry-path.ts';

describe('compareFilePaths()', () => {
  test('compareFilePaths() compares name by name, names by their UTF-8 bytes', () => {
    const paths = [['b'], ['a.txt'], ['a', 'z'], ['a'], ['\uff5e'], ['🐟'], ['B']];
    expect(paths.toSorted(compareFilePaths)).toEqual([
      ['B'],
      ['a'],
      ['a', 'z'],
      ['a.txt'],
      ['b'],
      ['\uff5e'],
      ['🐟'],
    ]);
  });

  test('compareFilePaths() puts bytes that are not UTF-8 in their place among the others', () => {
    // The bytes are ef bd 9e, f0 9f 90 9f, f4 and 62.
    const names = ['\uff5e', '🐟', '\udcf4', 'b', '\udcb2'];
    const sorted = names.toSorted((a, b) => compareFilePaths([a], [b]));
    expect(sorted).toEqual(['b', '\udcb2', '\uff5e', '🐟', '\udcf4']);
  });
});
