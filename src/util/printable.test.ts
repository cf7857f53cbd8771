import { describe, expect, test } from 'vitest';
import { printable, printableJson } from './printable.ts';

describe('printable()', () => {
  test.each([
    ['an escape sequence', '\u001b[31m', '\\x1b[31m'],
    ['a line break', 'a\r\nb', 'a\\r\\nb'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['NUL and DEL', '\0\u007f', '\\x00\\x7f'],
    ['a C1 control', '\u009b31m', '\\x9b31m'],
    ['a right-to-left override', 'invoice\u202efdp.exe', 'invoice\\u202efdp.exe'],
    ['an isolate', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['a mark of direction', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
    ['a line separator', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['a zero-width space', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['a joiner between letters', 'a\u200db', 'a\\u200db'],
    [
      'a joiner beside an emoji to come',
      '\u{1fc69}\u200d🚀\u200d\u{1fc69}',
      '\\u{1fc69}\\u200d🚀\\u200d\\u{1fc69}',
    ],
    ['a filler that looks like nothing', 'a\u3164', 'a\\u3164'],
    ['a tag', '\u{e0041}', '\\u{e0041}'],
    ['what is no character', '\uffff\u{10ffff}', '\\uffff\\u{10ffff}'],
    ['half a surrogate pair', '\ud800', '\\ud800'],
    ['a byte of a path that is not UTF-8', '\udcb2\udce2.txt', '\\xb2\\xe2.txt'],
  ])('shows %s as an escape', (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test.each([
    'Ünïcode 漢字 العربية हिन्दी 🐟',
    'systemd-fsck@dev-disk\\x2dby.service',
    'a:b "c" <d> 100%',
    '👩‍🚀 ❤️ 👨🏽‍💻',
    'Beyonce\u0301',
    'a\u3000b\u00a0c',
  ])('leaves %j as it is', (text) => {
    expect(printable(text)).toBe(text);
  });
});

test('printableJson() escapes the same characters in JSON, which still holds the true text', () => {
  const text = 'a\u202eb\u009b\ud800\u{e0041}\u200b ü 🐟 👩‍🚀';
  const line = printableJson(`${JSON.stringify({ text })}\n`);
  expect(line).toBe('{"text":"a\\u202eb\\u009b\\ud800\\udb40\\udc41\\u200b ü 🐟 👩‍🚀"}\n');
  expect(JSON.parse(line)).toEqual({ text });
});
