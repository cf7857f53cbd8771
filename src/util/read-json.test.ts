import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonCounter, JsonError, readJson } from './read-json.ts';

const plenty = { maxBytes: 1_000_000, maxDepth: 100, maxValues: 10_000 };
const bytes = (text: string) => Buffer.from(text);

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JsonError) return thrown.code;
    throw thrown;
  }
}

/** Counts values as {@link JsonLimits} does. */
function valuesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const values = Object.values(value);
  return values.reduce<number>((sum, each) => sum + valuesOf(each), values.length === 0 ? 2 : 1);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('readJson() reads the same values as JSON.parse()', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(readJson(bytes(JSON.stringify(value)), plenty)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('readJson() takes exactly as many bytes, levels and values as its limits allow', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = bytes(JSON.stringify(value));
      const exact = { maxBytes: json.length, maxDepth: depthOf(value), maxValues: valuesOf(value) };
      expect(codeOf(() => readJson(json, exact))).toBeUndefined();
      if (exact.maxDepth > 0) {
        expect(codeOf(() => readJson(json, { ...exact, maxDepth: exact.maxDepth - 1 }))).toBe('TOO_DEEP');
      }
      if (exact.maxValues > 1) {
        const fewer = { ...exact, maxValues: exact.maxValues - 1 };
        expect(codeOf(() => readJson(json, fewer))).toBe('TOO_MANY_VALUES');
      }
      expect(codeOf(() => readJson(json, { ...exact, maxBytes: json.length - 1 }))).toBe('TOO_LARGE');
    }),
  );
});

test('readJson() counts no lists and values inside of a string', () => {
  const text = '[[,{"\\\\",'.repeat(50);
  expect(readJson(bytes(JSON.stringify(text)), { ...plenty, maxDepth: 0, maxValues: 1 })).toBe(text);
});

test('readJson() refuses input that is not JSON in UTF-8', () => {
  const broken = ['', ' ', '{', '[1,]', ']]]][[[[', '{"a":1}}', 'nul', '"\u0001"', '[1] [2]'].map(bytes);
  for (const json of [...broken, Buffer.of(0x22, 0xff, 0x22), Buffer.of(0xff, 0xfe)]) {
    expect(codeOf(() => readJson(json, plenty))).toBe('NOT_JSON');
  }
});

test('readJson() refuses a million nested lists and a million values without parsing them', () => {
  const limits = { ...plenty, maxBytes: 10_000_000 };
  expect(codeOf(() => readJson(bytes('['.repeat(1_000_000)), limits))).toBe('TOO_DEEP');
  expect(codeOf(() => readJson(bytes(`[${'1,'.repeat(1_000_000)}1]`), limits))).toBe('TOO_MANY_VALUES');
  expect(codeOf(() => readJson(bytes(`[${'{},'.repeat(1_000_000)}1]`), limits))).toBe('TOO_MANY_VALUES');
});

test('JsonCounter has the same result however the text is divided', () => {
  const text = fc
    .array(fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', 'x', '\\"', '\\\\'))
    .map((parts) => bytes(parts.join('')));
  const foundIn = (parts: readonly Uint8Array[]) => {
    const counter = new JsonCounter({ maxDepth: 3, maxValues: 8 });
    return codeOf(() => {
      for (const part of parts) counter.push(part);
    });
  };
  fc.assert(
    fc.property(text, fc.array(fc.nat(20)), (whole, cuts) => {
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b),
        whole.length,
      ];
      const parts = places.slice(1).map((end, at) => whole.subarray(places[at], end));
      expect(foundIn(parts)).toBe(foundIn([whole]));
    }),
  );
});
