import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeFile, networkNamespace, requirePeers, sha256Of, tempFolder } from '../support/index.ts';
import { eventsOf, runShoal, shoal, startSeeder, untilEventOf } from './shoal.ts';

const TRACKER = ['tracker', '--port', '0', '--web-port', '0', '--json'];

async function createToken(tokens: string, ...more: readonly string[]): Promise<string> {
  return String((await runShoal(['token', 'create', '--tokens', tokens, ...more]))['token']);
}

describe('shoal token', () => {
  test('creates, lists and revokes tokens', async () => {
    await using folder = await tempFolder();
    const tokens = ['--tokens', folder.join('tokens')];
    await using created = await shoal(['token', 'create', ...tokens, '--name', 'CI', '--expires', '30d']);
    await created.exitsWith(0);
    const [token, ...rest] = created.stdout;
    expect([token, rest]).toEqual([expect.stringMatching(/^shoal_[0-9a-f]{8}_[\w-]{32}$/), []]);
    const id = token!.slice(6, 14);
    expect(await runShoal(['token', 'list', ...tokens])).toMatchObject({
      event: 'token',
      id,
      state: 'good',
      scopes: ['announce'],
      name: 'CI',
    });
    expect(await runShoal(['token', 'revoke', token!, ...tokens])).toMatchObject({ event: 'revoked', id });
    await using table = await shoal(['token', 'list', ...tokens]);
    await table.exitsWith(0);
    expect(table.stdout).toEqual([
      expect.stringMatching(/^ID +STATE +SCOPES +CREATED +EXPIRES +NAME$/),
      expect.stringMatching(new RegExp(`^${id} +revoked +announce +[\\d-]{10} +[\\d-]{10} +CI$`)),
    ]);
  });

  test('ends with the exit code of what is wrong: a flag, a token, a scope or a folder', async () => {
    await using folder = await tempFolder();
    const tokens = ['--tokens', folder.join('tokens')];
    expect(await runShoal(['token', 'list'], 2)).toMatchObject({ code: 'USAGE' });
    expect(await runShoal(['token', 'revoke', '00000000', ...tokens], 2)).toMatchObject({ code: 'USAGE' });
    expect(await runShoal(['token', 'create', '--scope', 'all', ...tokens], 2)).toMatchObject({
      code: 'USAGE',
    });
    expect(await runShoal(['token', 'create', '--tokens', folder.join('no/tokens')], 6)).toMatchObject({
      code: 'UNWRITABLE',
    });
  });
});

describe('a private tracker', () => {
  test('serves clients that have a token, and no message shows one', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'a');
    const tokens = folder.join('tokens');
    const token = await createToken(tokens, '--scope', 'announce,register');
    await using tracker = await shoal([...TRACKER, '--host', '127.0.0.1', '--tokens', tokens], {
      env: { SHOAL_TRACKER_PRIVATE: 'true' },
    });
    const url = String((await untilEventOf(tracker, 'listening'))['url']);
    await using seeder = await startSeeder({ url: `${url}/${token}` }, folder.join('a.bin'));
    await runShoal(['get', sha256, '--tracker', `${url}/${token}`, '-o', folder.join('got')]);
    expect(await sha256Of(folder.join('got'))).toBe(sha256);
    await using list = await shoal(['ls', '--tracker', `${url}/${token}`, '--json']);
    await list.exitsWith(0);
    expect(list.output).toContain(sha256);
    expect(list.output).not.toContain(token);

    expect(await runShoal(['get', sha256, '--tracker', url, '-o', folder.join('none')], 7)).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('This tracker is private'),
    });
    const id = token.slice(6, 14);
    await runShoal(['token', 'revoke', id, '--tokens', tokens]);
    await expect
      .poll(
        async () =>
          (await fetch(`${url}/api/v1/seeders`, { headers: { authorization: `Bearer ${token}` } })).status,
        {
          timeout: 10_000,
        },
      )
      .toBe(401);
    const refused = await runShoal(
      ['get', sha256, '--tracker', `${url}/${token}`, '-o', folder.join('none')],
      7,
    );
    expect(refused['message']).toContain('revoked');
    for (const said of [tracker, seeder.process]) expect(said.output).not.toContain(token);
    expect(eventsOf(seeder.process).find(({ event }) => event === 'registered')).toMatchObject({
      tracker: `${url}/shoal_${id}_…`,
    });
  });
});

describe('registering from another machine', () => {
  test('needs a token', async (context) => {
    requirePeers(context, 'network namespace');
    await using folder = await tempFolder();
    await using namespace = await networkNamespace();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const tokens = folder.join('tokens');
    const seed = (url: string, ...more: readonly string[]) =>
      shoal(['seed', folder.join('a.bin'), '--port', '0', '--tracker', url, '--json', ...more], {
        prefix: namespace.execPrefix,
      });

    await using open = await shoal([...TRACKER, '--host', namespace.hostAddress]);
    const openUrl = String((await untilEventOf(open, 'listening'))['url']);
    await using clientKey = await seed(openUrl);
    await clientKey.waitForLine(/HTTP status 401.*`shoal token create --scope register`/);
    // The same machine, at an address that is not loopback.
    await using _neighbour = await startSeeder({ url: openUrl }, folder.join('a.bin'));

    await using guarded = await shoal([...TRACKER, '--host', namespace.hostAddress, '--tokens', tokens]);
    const url = String((await untilEventOf(guarded, 'listening'))['url']);
    const token = await createToken(tokens, '--scope', 'register');
    await using friend = await seed(url, '--token', token);
    await untilEventOf(friend, 'registered');
  });

  test('shoal tracker --check-config looks at the files, and shows no token', async () => {
    await using folder = await tempFolder();
    const token = await createToken(folder.join('tokens'));
    await writeFile(folder.join('list'), 'x\n');
    await writeFile(
      folder.join('config'),
      `tracker.denyList=${folder.join('list')}\ntracker.private=true\ntracker.stateDir=/tmp/${token}\n`,
    );
    await using checked = await shoal(['tracker', '--check-config', '--config', folder.join('config')]);
    await checked.exitsWith(2);
    expect(checked.output).toMatch(
      /tracker\.denyList cannot be used: .*list:1: a line starts with an info-hash/,
    );
    expect(checked.output).toMatch(/tracker\.private cannot be used: A private tracker needs tokens/);
    expect(checked.output).not.toContain(token);
  });
});
