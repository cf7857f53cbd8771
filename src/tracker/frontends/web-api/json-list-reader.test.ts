import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonError } from '../../../util/index.ts';
import { type JsonListOptions, JsonListReader } from './json-list-reader.ts';

const limits = {
  name: 'list',
  maxRestBytes: 1000,
  maxItems: 100,
  maxItemBytes: 1000,
  maxTextBytes: 500,
  maxDepth: 10,
  maxValues: 50,
};

interface Read {
  readonly items: unknown[];
  readonly rest: unknown;
}

/** Reads a text in parts that end at the given places; an error is given as its code. */
function read(
  text: string,
  cuts: readonly number[] = [],
  options: Partial<JsonListOptions> = {},
): Read | string {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  const items: unknown[] = [];
  const reader = new JsonListReader({ ...limits, onItem: (item) => items.push(item), ...options });
  try {
    for (const [at, start] of places.slice(0, -1).entries())
      reader.push(bytes.subarray(start, places[at + 1]));
    return { items, rest: reader.finish() };
  } catch (thrown) {
    if (thrown instanceof JsonError) return thrown.code;
    throw thrown;
  }
}

/** The same by `JSON.parse()`. */
function expected(text: string): Read | string {
  try {
    const rest = JSON.parse(text) as Record<string, unknown>;
    return { items: rest.list as unknown[], rest: { ...rest, list: [] } };
  } catch {
    return 'NOT_JSON';
  }
}

describe('JsonListReader', () => {
  test('reads the same as JSON.parse(), however the text is divided', () => {
    const spaces = fc.constantFrom(0, 1, '\t');
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(value, fc.array(value), spaces, fc.array(fc.nat(200)), (other, list, space, cuts) => {
        const text = JSON.stringify({ other, list, 'list"': [1], last: ['list'] }, undefined, space);
        expect(read(text, cuts, { maxRestBytes: 1e6, maxItemBytes: 1e6, maxValues: 1e6 })).toEqual(
          expected(text),
        );
      }),
    );
  });

  test('refuses the same as JSON.parse() in a text with a part missing', () => {
    const text = JSON.stringify({ a: 'x\\"y', list: [{ b: [1] }, 'z"', 3], c: [{}] });
    for (let at = 0; at < text.length; at += 1) {
      const broken = text.slice(0, at) + text.slice(at + 1);
      const found = read(broken, [3, 9, 20]);
      if (expected(broken) === 'NOT_JSON') expect(found).toBe('NOT_JSON');
    }
  });

  test.each([
    '{"list":[,]}',
    '{"list":[1,]}',
    '{"list":[1}',
    '{"list":{1]}',
    '{"list":[1]]',
    '{"list":[1],"list":[2]}',
    '{"list":[',
  ])('refuses %s', (text) => {
    expect(read(text)).toBe('NOT_JSON');
  });

  test.each([
    '{"x":"\\"list\\":[1","list":[2]}',
    '{"x":{"list":[1]},"list":[2]}',
    '{"x{,\\"list":[1],"list":[2]}',
  ])('takes no other list for it in %s', (text) => {
    expect(read(text)).toEqual({ items: [2], rest: expect.anything() });
  });

  test('refuses a text beyond a limit before all of it has arrived', () => {
    expect(read(`{"list":[${'{"a":'.repeat(1000)}`)).toBe('TOO_DEEP');
    expect(read(`{"list":[[${'1,'.repeat(1000)}`)).toBe('TOO_MANY_VALUES');
    expect(read(`{"list":[${'1,'.repeat(1000)}`)).toBe('TOO_MANY_VALUES');
    expect(read(`{"list":[${'1'.repeat(1001)}`)).toBe('TOO_LARGE');
    expect(read(`{"x":"${'1'.repeat(1001)}`)).toBe('TOO_LARGE');
    expect(read(`{"x":[${'1,'.repeat(1000)}`)).toBe('TOO_MANY_VALUES');
  });

  test('reads a string that is too long as an empty one, and keeps none of it', () => {
    const long = 'x\\"'.repeat(100_000);
    const text = `{"list":[{"a":"${long}","b":"kept"},"${'y'.repeat(501)}","${'z'.repeat(500)}"]}`;
    const items = [{ a: '', b: 'kept' }, '', 'z'.repeat(500)];
    expect(read(text, [17, 18, 600, 1200, 299_990])).toEqual({ items, rest: { list: [] } });
    expect(read(text)).toEqual({ items, rest: { list: [] } });
  });
});
