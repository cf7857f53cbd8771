import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

const TOKEN = `shoal_0123abcd_${'x'.repeat(32)}`;

test.each([
  ['a password', 'http://me:secret@a:9910/x', 'http://me:***@a:9910/x'],
  ['a password of any scheme', 'Cannot use "ftp://me:secret@a"', 'Cannot use "ftp://me:***@a"'],
  ['a password without a user', 'redis://:secret@a:6379/0', 'redis://:***@a:6379/0'],
  ['a login without a password, which may be a key', 'https://ghp_key@a/x', 'https://***@a/x'],
  ['a password with @ and / in it', 'http://me:p@ss/w@a/x', 'http://me:***@a/x'],
  ['a password with a quote, within JSON', '"http://me:p\\"w@a"', '"http://me:***@a"'],
  ['passwords of a list', 'redis://:a@b:1,redis://:c@d:2', 'redis://:***@b:1,redis://:***@d:2'],
  ['a password without a scheme before it', 'me:secret@a:9910', 'me:***@a:9910'],
  ['a token', `http://a:9910/${TOKEN}`, 'http://a:9910/shoal_0123abcd_…'],
  [
    'what is left of a cut token, and a longer one',
    `${TOKEN.slice(0, -9)} ${TOKEN}xyz`,
    'shoal_0123abcd_… shoal_0123abcd_…',
  ],
  ['the tokens and the password of one URL', `http://me:pw@a/${TOKEN}`, 'http://me:***@a/shoal_0123abcd_…'],
])('withoutSecrets() hides %s', (_what, text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});

test.each([
  'http://a:9910/x@y',
  'http://a/@scope/name',
  'http://[::1]:9910/announce',
  'Seeding a@b.c from http://a:9910',
  'someone@a.example',
  'a shoal_0123abcd_ that is only a name',
])('withoutSecrets() leaves %j as it is', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});
