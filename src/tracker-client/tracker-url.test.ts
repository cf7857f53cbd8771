import { describe, expect, test } from 'vitest';
import { announceUrlOf, parseTrackerUrl } from './tracker-url.ts';

const BASE = 'http://t.example:9910';
const TOKEN = `shoal_0f1e2d3c_${'s'.repeat(32)}`;

describe('parseTrackerUrl()', () => {
  test.each([
    [BASE, BASE, undefined],
    [`${BASE}/`, BASE, undefined],
    [`${BASE}/announce`, BASE, undefined],
    [`${BASE}/announce/`, BASE, undefined],
    [`${BASE}/announce//`, BASE, undefined],
    [`${BASE}/a/announce`, `${BASE}/a`, undefined],
    [`${BASE}/${TOKEN}`, BASE, TOKEN],
    [`${BASE}/${TOKEN}/`, BASE, TOKEN],
    [`${BASE}/${TOKEN}/announce`, BASE, TOKEN],
    [`${BASE}/${TOKEN.slice(0, -3)}`, BASE, TOKEN.slice(0, -3)],
    [`${BASE}/shoal`, `${BASE}/shoal`, undefined],
    [`${BASE}/a/${TOKEN}/announce`, `${BASE}/a`, TOKEN],
  ])('divides %s into the address and the token', (url, base, token) => {
    expect(parseTrackerUrl(url)).toEqual({ base, token });
  });
});

test('parseTrackerUrl() takes a time that is proportional to the length of the address', () => {
  // A regular expression took seconds for 2,000 slashes, and would take days for these.
  const url = `${BASE}${'/'.repeat(200_000)}x`;
  expect(parseTrackerUrl(url)).toEqual({ base: url, token: undefined });
});

test('announceUrlOf() keeps the token', () => {
  expect(announceUrlOf(BASE)).toBe(`${BASE}/announce`);
  expect(announceUrlOf(`${BASE}/${TOKEN}/`)).toBe(`${BASE}/${TOKEN}/announce`);
});
