import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accessTokenId,
  formatAccessToken,
  MAX_PASSKEY_LENGTH,
  passkeyOfPath,
  TOKEN_SECRET_BYTES,
} from './access-token.ts';

const TOKEN = formatAccessToken('0f1e2d3c', new Uint8Array(TOKEN_SECRET_BYTES).fill(0xff));

const anyToken = fc
  .tuple(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: TOKEN_SECRET_BYTES, maxLength: TOKEN_SECRET_BYTES }),
  )
  .map(([id, secret]) => formatAccessToken(Buffer.from(id).toString('hex'), secret));

describe('accessTokenId()', () => {
  test('gives the id in a token', () => {
    expect(TOKEN).toBe(`shoal_0f1e2d3c_${'_'.repeat(32)}`);
    expect(accessTokenId(TOKEN)).toBe('0f1e2d3c');
  });

  test.each(['', 'shoal', TOKEN.slice(1), TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), ` ${TOKEN}`])(
    'is undefined for %j',
    (text) => {
      expect(accessTokenId(text)).toBeUndefined();
    },
  );
});

describe('passkeyOfPath()', () => {
  test.each([
    ['/key/announce', 'key'],
    ['/key/scrape', 'key'],
    ['/key', 'key'],
    ['/key/', 'key'],
    ['/key?a=/b/announce', 'key'],
    ['/key/announce?a=b', 'key'],
    ['/announced/announce', 'announced'],
    [`/${'k'.repeat(MAX_PASSKEY_LENGTH)}/announce`, 'k'.repeat(MAX_PASSKEY_LENGTH)],
    [`/${'k'.repeat(MAX_PASSKEY_LENGTH + 1)}/announce`, undefined],
    ['', undefined],
    ['/', undefined],
    ['/announce', undefined],
    ['/announce/', undefined],
    ['/announce?key', undefined],
    ['/scrape', undefined],
    ['/announce/announce', undefined],
    ['/a/b/announce', undefined],
    ['/k%20ey/announce', undefined],
    ['key/announce', undefined],
    ['/key/announcement', undefined],
    ['//announce', undefined],
  ])('gives the passkey of %j, if there is one', (path, passkey) => {
    expect(passkeyOfPath(path)).toBe(passkey);
  });

  test('finds any token, whose announce path fits into one option of URL data', () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        expect(passkeyOfPath(`/${token}/announce?x=y`)).toBe(token);
        expect(`/${token}/announce`.length).toBeLessThan(256);
      }),
    );
  });
});
