import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../../test/support/index.ts';
import { parseInfoHash } from '../../../util/index.ts';
import { Access, type AccessOptions } from './access.ts';
import { createToken, revokeToken } from './token-file.ts';

const A = parseInfoHash('a1'.repeat(20));
const B = parseInfoHash('b2'.repeat(20));
const HOUR = 3_600_000;

async function withAccess(
  options: Partial<AccessOptions>,
  use: (access: Access) => void | Promise<void>,
): Promise<void> {
  const access = await Access.open({
    isPrivate: false,
    isRegistrationOpen: false,
    wallTime: Date.now,
    report: (error) => {
      throw error;
    },
    ...options,
  });
  try {
    await use(access);
  } finally {
    await access.close();
  }
}

describe('Access.refuseAnnounce()', () => {
  test('refuses nothing when no list and no file of tokens is given', async () => {
    await withAccess({}, (access) => {
      expect(access.isOpen).toBe(true);
      expect(access.refuseAnnounce(A, undefined)).toBeUndefined();
    });
  });

  test('follows the lists, of which the deny list wins', async () => {
    await using folder = await tempFolder();
    const [allowList, denyList] = [folder.join('allow'), folder.join('deny')];
    await writeFile(allowList, `${A}\n`);
    await writeFile(denyList, `${B}\n`);
    await withAccess({ allowList }, (access) => {
      expect(access.isOpen).toBe(false);
      expect(access.refuseAnnounce(A, undefined)).toBeUndefined();
      expect(access.refuseAnnounce(B, undefined)).toMatchObject({ retryIn: 15 });
      expect(access.stats()).toMatchObject({ notAllowed: 1, denied: 0 });
    });
    await withAccess({ denyList }, (access) => {
      expect(access.refuseAnnounce(A, undefined)).toBeUndefined();
      expect(access.refuseAnnounce(B, undefined)).toMatchObject({ retryIn: 'never', interval: 3600 });
    });
    await writeFile(allowList, `${A}\n${B}\n`);
    await withAccess({ allowList, denyList }, (access) => {
      expect(access.refuseAnnounce(B, undefined)).toMatchObject({ retryIn: 'never', interval: 3600 });
      expect(access.stats()).toMatchObject({ notAllowed: 0, denied: 1 });
    });
  });

  test('wants a passkey for announcing where the tracker is private', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const now = Date.now();
    const [good, other, short] = [
      await createToken(tokens, { scopes: ['announce'] }),
      await createToken(tokens, { scopes: ['register'] }),
      await createToken(tokens, { scopes: ['announce'], expires: new Date(now + HOUR) }),
    ];
    let time = now;
    await withAccess({ tokens, isPrivate: true, wallTime: () => time }, async (access) => {
      const reasonOf = (passkey?: string) => access.refuseAnnounce(A, passkey)?.failureReason;
      expect(reasonOf()).toMatch(/^This tracker is private/);
      expect(reasonOf(good.text)).toBeUndefined();
      expect(reasonOf(short.text)).toBeUndefined();
      expect(reasonOf(other.text)).toMatch(/not known here/);
      expect(reasonOf(`${good.text.slice(0, -2)}--`)).toMatch(/not known here/);
      expect(reasonOf('x')).toMatch(/not known here/);
      time += HOUR;
      expect(reasonOf(short.text)).toMatch(/expired/);
      await revokeToken(tokens, good.token.id);
      await access.reload();
      expect(reasonOf(good.text)).toMatch(/revoked/);
      expect(access.stats()).toMatchObject({ noPasskey: 1, badPasskey: 5 });
    });
  });
});

describe('Access.reload()', () => {
  test('keeps the tokens it has when their file is gone, and says so', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const { text } = await createToken(tokens, { scopes: ['announce'] });
    const reports: string[] = [];
    const report = (error: Error) => reports.push(error.message);
    await withAccess({ tokens, isPrivate: true, report }, async (access) => {
      await rm(tokens);
      await access.reload();
      expect(reports).toContain(`Cannot read ${tokens}: there is no such file any more`);
      expect(access.refuseAnnounce(A, text)).toBeUndefined();
      const { text: other } = await createToken(tokens, { scopes: ['announce'] });
      await access.reload();
      expect(access.refuseAnnounce(A, other)).toBeUndefined();
      expect(access.refuseAnnounce(A, text)).toMatchObject({ retryIn: 'never' });
    });
  });

  test('takes a file of tokens that has never been there for an empty one', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    await withAccess({ tokens, isPrivate: true }, async (access) => {
      await access.reload();
      const { text } = await createToken(tokens, { scopes: ['announce'] });
      await access.reload();
      expect(access.refuseAnnounce(A, text)).toBeUndefined();
    });
  });
});

describe('Access.checkRegistration()', () => {
  test('lets only programs on the same machine register where there are no tokens', async () => {
    await withAccess({}, (access) => {
      expect(access.checkRegistration(undefined, true)).toBeUndefined();
      expect(() => access.checkRegistration(undefined, false)).toThrow(
        expect.objectContaining({
          code: 'NO_TOKEN',
          message: expect.stringContaining('`shoal token create --scope register`'),
        }),
      );
      expect(access.stats()).toMatchObject({ noToken: 1 });
    });
  });

  test('lets everybody register where registration is open', async () => {
    await withAccess({ isRegistrationOpen: true, tokens: '/nowhere/tokens' }, (access) => {
      expect(access.checkRegistration(undefined, false)).toBeUndefined();
    });
  });

  test('tells a seeder with a token from others where registration is open', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const good = await createToken(tokens, { scopes: ['register'] });
    const other = await createToken(tokens, { scopes: ['announce'] });
    await withAccess({ isRegistrationOpen: true, tokens }, (access) => {
      const ids = [good.text, other.text, 'x'].map((token) => access.checkRegistration(token, false));
      expect(ids).toEqual([good.token.id, undefined, undefined]);
      expect(access.stats()).toMatchObject({ noToken: 0, badToken: 0 });
    });
  });

  test('wants a token for registering where there are tokens', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const [good, other] = [
      await createToken(tokens, { scopes: ['register'] }),
      await createToken(tokens, { scopes: ['announce'] }),
    ];
    await withAccess({ tokens }, async (access) => {
      const codeOf = (token?: string) => {
        try {
          return access.checkRegistration(token, true);
        } catch (thrown) {
          return (thrown as { code: string }).code;
        }
      };
      expect(codeOf()).toBe('NO_TOKEN');
      expect(codeOf('x')).toBe('NO_TOKEN');
      expect(codeOf(other.text)).toBe('WRONG_TOKEN');
      expect(codeOf(good.text)).toBe(good.token.id);
      expect(access.mayStay(good.token.id)).toBe(true);
      await revokeToken(tokens, good.token.id);
      await access.reload();
      expect(codeOf(good.text)).toBe('NO_TOKEN');
      expect(access.mayStay(good.token.id)).toBe(false);
      expect(access.stats()).toMatchObject({ noToken: 1, badToken: 3 });
    });
  });
});

test('Access.checkLookUp() wants any token, of a private tracker alone', async () => {
  await using folder = await tempFolder();
  const tokens = folder.join('tokens');
  const { text } = await createToken(tokens, { scopes: ['register'] });
  await withAccess({ tokens }, (access) => access.checkLookUp(undefined));
  await withAccess({ tokens, isPrivate: true }, (access) => {
    access.checkLookUp(text);
    expect(() => access.checkLookUp(undefined)).toThrow(expect.objectContaining({ code: 'NO_TOKEN' }));
  });
});

test('Access.open() fails when a list cannot be read', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('bad'), 'x\n');
  await expect(withAccess({ allowList: folder.join('bad') }, () => {})).rejects.toMatchObject({
    code: 'BAD_LINE',
  });
  await expect(withAccess({ denyList: folder.join('none') }, () => {})).rejects.toMatchObject({
    code: 'UNREADABLE',
  });
});
