import { expect, test } from 'vitest';
import { MAX_SHOWN_CHARACTERS, shown, withoutMiddle } from './shown.ts';

test('shown() changes only the characters of a short text that a terminal would obey', () => {
  expect(shown(`${'x'.repeat(MAX_SHOWN_CHARACTERS - 1)}\n`)).toBe(
    `${'x'.repeat(MAX_SHOWN_CHARACTERS - 1)}\\n`,
  );
});

test('shown() keeps the start and the end of a longer text, and says how many characters it leaves out', () => {
  const text = `start${'x'.repeat(60_000_000)}end`;
  const short = shown(text);
  expect(short).toMatch(/^startx+ … \(59995962 characters left out\) … x+end$/);
  expect(short.length).toBeLessThanOrEqual(MAX_SHOWN_CHARACTERS);
});

test('withoutMiddle() never leaves half of a surrogate pair', () => {
  for (const shift of ['', 'x']) {
    const short = withoutMiddle(`${shift}${'🐟'.repeat(10_000)}${shift}`);
    expect(short).not.toMatch(/\p{Cs}/u);
    expect(short).toMatch(/^x?🐟+ … \(\d+ characters left out\) … 🐟+x?$/u);
  }
});
