import { appendFile, chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../../test/support/index.ts';
import { createToken, readTokens, revokeToken } from './token-file.ts';

const ANNOUNCE = { scopes: ['announce'] } as const;

describe('createToken()', () => {
  test('makes the file, for its owner alone, and keeps no secret in it', async () => {
    await using folder = await tempFolder();
    const path = folder.join('tokens');
    const { token, text } = await createToken(path, { scopes: ['register', 'announce'], name: 'Zoë' });
    expect(text).toMatch(new RegExp(`^shoal_${token.id}_[\\w-]{32}$`));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).not.toContain(text.slice(-32));
    const table = await readTokens(path);
    expect(table.all).toEqual([token]);
    expect(table.find(text, Date.now())).toEqual(token);
    expect(table.find(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`, Date.now())).toBeUndefined();
  });

  test('loses none that are made at once', async () => {
    await using folder = await tempFolder();
    const path = folder.join('tokens');
    const made = await Promise.all(Array.from({ length: 50 }, () => createToken(path, ANNOUNCE)));
    const table = await readTokens(path);
    expect(table.size).toBe(50);
    for (const { token, text } of made) expect(table.find(text, Date.now())).toEqual(token);
  });

  test('ends a last line that an editor has left open', async () => {
    await using folder = await tempFolder();
    const path = folder.join('tokens');
    await createToken(path, ANNOUNCE);
    await writeFile(path, (await readFile(path, 'utf8')).trimEnd());
    await createToken(path, ANNOUNCE);
    expect((await readTokens(path)).size).toBe(2);
  });

  test('leaves a file to the group that may read it', async () => {
    await using folder = await tempFolder();
    const path = folder.join('tokens');
    await writeFile(path, '');
    await chmod(path, 0o640);
    await createToken(path, ANNOUNCE);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await readTokens(path)).size).toBe(1);
  });

  test('says that the file cannot be written', async () => {
    await expect(createToken('/nowhere/tokens', ANNOUNCE)).rejects.toMatchObject({ code: 'UNWRITABLE' });
  });
});

describe('revokeToken()', () => {
  test('makes a token be of no use, and no other', async () => {
    await using folder = await tempFolder();
    const path = folder.join('tokens');
    const [kept, revoked] = [await createToken(path, ANNOUNCE), await createToken(path, ANNOUNCE)];
    expect(await revokeToken(path, revoked.token.id)).toMatchObject({ revoked: expect.any(Date) });
    const table = await readTokens(path);
    expect(table.find(revoked.text, Date.now())).toBeUndefined();
    expect(table.find(kept.text, Date.now())).toEqual(kept.token);
    expect(table.get(revoked.token.id)?.revoked).toBeInstanceOf(Date);
  });

  test('knows no token of another id', async () => {
    await using folder = await tempFolder();
    expect(await revokeToken(folder.join('tokens'), '0'.repeat(8))).toBeUndefined();
  });
});

describe('readTokens()', () => {
  test('takes a file that is not there yet for an empty one', async () => {
    expect((await readTokens('/nowhere/tokens')).size).toBe(0);
  });

  test('finds a token until it expires', async () => {
    await using folder = await tempFolder();
    const path = folder.join('tokens');
    const expires = new Date('2030-01-01T00:00:00.000Z');
    const { token, text } = await createToken(path, { ...ANNOUNCE, expires });
    const table = await readTokens(path);
    expect(table.find(text, expires.getTime() - 1)).toEqual(token);
    expect(table.find(text, expires.getTime())).toBeUndefined();
  });

  test.each(['{}', 'x', '{"revoke":"0"}', '[]', '{"id":"01234567"}'])(
    'names the line that is none: %s',
    async (line) => {
      await using folder = await tempFolder();
      const path = folder.join('tokens');
      await createToken(path, ANNOUNCE);
      await appendFile(path, `\n${line}\n`);
      await expect(readTokens(path)).rejects.toMatchObject({
        code: 'BAD_LINE',
        message: `${path}:3: the line is not what \`shoal token\` writes; take it out of the file`,
      });
    },
  );
});
