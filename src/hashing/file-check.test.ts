import { describe, expect, test } from 'vitest';
import { FileCheck, type OnFault } from './file-check.ts';
import type { ReadState } from './read-part.ts';

const files = [
  { path: 'a', length: 10, offset: 0 },
  { path: 'b', length: 20, offset: 16 },
];
const found = (size: number, version = 'v'): ReadState => ({ kind: 'found', size, version });
const missing: ReadState = { kind: 'missing', cause: new Error('no such file') };
const unreadable: ReadState = { kind: 'unreadable', cause: new Error('not allowed') };
/** The state of a file that a thread could not open: on its way the error has lost its code. */
const notAllowed: ReadState = {
  kind: 'unreadable',
  cause: new Error('EACCES: permission denied, open'),
  code: 'EACCES',
};

/** A check that takes note of faults. */
function tolerant(): { check: FileCheck; faults: Parameters<OnFault>[] } {
  const faults: Parameters<OnFault>[] = [];
  return { faults, check: new FileCheck(files, (...fault) => faults.push(fault)) };
}

describe('FileCheck', () => {
  test('add() takes files that have the right size and do not change', () => {
    const check = new FileCheck(files);
    for (const length of [10, 10]) check.add(0, found(length));
    check.add(1, found(20, 'w'));
  });

  test.each<[string, ReadState, object]>([
    ['is short', found(9), { code: 'FILE_CHANGED', message: /should have 10 bytes and has 9/ }],
    ['is long', found(11), { code: 'FILE_CHANGED' }],
    ['changed', { kind: 'changed' }, { code: 'FILE_CHANGED' }],
    ['is missing', missing, { code: 'FILE_UNREADABLE', message: /Cannot read a: no such file/ }],
    ['cannot be read', unreadable, { code: 'FILE_UNREADABLE' }],
    [
      'is not allowed',
      notAllowed,
      { code: 'FILE_UNREADABLE', message: /^Cannot read a: permission denied$/ },
    ],
  ])('add() refuses a file that %s', (_, state, { message, ...error }: { message?: RegExp }) => {
    const add = () => new FileCheck(files).add(0, state);
    expect(add).toThrow(expect.objectContaining({ ...error, path: 'a' }));
    if (message) expect(add).toThrow(message);
  });

  test('add() reports a file with a fault once, with the bytes of the stream that are missing', () => {
    const { check, faults } = tolerant();
    for (const _ of [1, 2]) check.add(0, missing);
    for (const _ of [1, 2]) check.add(1, found(5));
    expect(faults).toEqual([
      [0, 'missing', 0, 10],
      [1, 'short', 21, 36],
    ]);
    const other = tolerant();
    other.check.add(1, found(21));
    expect(other.faults).toEqual([[1, 'long', 36, 36]]);
  });

  test.each<[string, ReadState, ReadState]>([
    ['is another one', found(10, 'v'), found(10, 'w')],
    ['is gone', found(10), missing],
    ['is there', missing, found(10)],
  ])(
    'add() refuses a file that %s when its next part is read, even if it takes note of faults',
    (_, before, after) => {
      const { check } = tolerant();
      check.add(0, before);
      expect(() => check.add(0, after)).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
    },
  );
});
