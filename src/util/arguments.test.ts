import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { checkArgument, describeValue, objectOf, oneOf, optionFault, valueRules } from './arguments.ts';

const RULES = {
  name: valueRules.text,
  port: valueRules.port,
  kind: oneOf('a', 'b'),
  limits: objectOf({ up: valueRules.positive }),
};

describe('optionFault()', () => {
  test.each<[options: unknown, fault: string]>([
    [undefined, 'the options must be an object, found undefined'],
    ['a.torrent', 'the options must be an object, found the string "a.torrent"'],
    [[], 'the options must be an object, found an array'],
    [{ prt: 1 }, 'there is no option prt; did you mean port?'],
    [{ toString: 1 }, 'there is no option toString; allowed are name, port, kind, limits'],
    [{ name: 5 }, 'name must be a string, found the number 5'],
    [{ port: '9910' }, 'port must be a whole number from 0 to 65535, found the string "9910"'],
    [{ port: Number.NaN }, 'port must be a whole number from 0 to 65535, found the number NaN'],
    [{ kind: 'c' }, 'kind must be one of "a", "b", found the string "c"'],
    [{ limits: 9 }, 'limits must be an object, found the number 9'],
    [{ limits: { up: '1M' } }, 'limits.up must be a number above 0, found the string "1M"'],
    [{ limits: { upp: 1 } }, 'there is no option limits.upp; did you mean up?'],
    [{ name: null }, 'name must be a string, found null'],
  ])('optionFault() of %j names the option, the expected value and the value found', (options, fault) => {
    expect(optionFault(options, RULES)).toBe(fault);
  });

  test('optionFault() is undefined for options that are right or absent', () => {
    expect(optionFault({ name: 'a', port: undefined, limits: { up: undefined } }, RULES)).toBeUndefined();
    expect(optionFault({}, RULES)).toBeUndefined();
  });
});

test('valueRules takes bytes of another realm, as in test runners, and any signal', () => {
  expect(valueRules.bytes.takes(runInNewContext('new Uint8Array(3)'))).toBe(true);
  expect(valueRules.bytes.takes(Buffer.alloc(3))).toBe(true);
  expect(valueRules.bytes.takes(new ArrayBuffer(3))).toBe(false);
  expect(valueRules.signal.takes(AbortSignal.timeout(1))).toBe(true);
  expect(valueRules.signal.takes({})).toBe(false);
  expect(valueRules.signal.takes(new AbortController())).toBe(false);
});

test('checkArgument() names the function, the argument, the expected value and the value found', () => {
  expect(() => checkArgument('decode()', 'bytes', 'd1:a', valueRules.bytes)).toThrow(
    expect.objectContaining({
      name: 'ArgumentError',
      code: 'BAD_ARGUMENT',
      message: 'Cannot call decode(): bytes must be a Uint8Array, found the string "d1:a"',
    }),
  );
});

test('describeValue() cuts a long string and names the type of an object', () => {
  expect(describeValue('x'.repeat(100))).toBe(`the string "${'x'.repeat(60)}…"`);
  expect(describeValue(new Map())).toBe('an object of type Map');
  expect(describeValue(() => {})).toBe('a function');
});
