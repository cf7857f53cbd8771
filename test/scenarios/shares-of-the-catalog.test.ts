import { describe, expect, test } from 'vitest';
import { createToken } from '../../src/tracker/index.ts';
import { tempFolder } from '../support/index.ts';
import { registered, registerFrom, sendFrom } from '../support/tracker/registering-from.ts';
import { registration, TestApi } from '../support/tracker/test-api.ts';
import { testTorrent, withMetainfo } from '../support/tracker/torrents.ts';

const SEEDERS = '/api/v1/seeders';
const one = testTorrent('one.txt');
/** Options with which a proxy on this machine names clients, and no seeder is dialled. */
const OPEN = { trustedProxies: ['127.0.0.1'], openRegistration: true, checkSeeders: false };

describe('one address where registration is open', () => {
  test('may take a share of the catalog only, and others go on registering and renewing', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const granted = await createToken(tokens, { scopes: ['register'] });
    const two = testTorrent('two.txt');
    const limits = {
      seedersPerAddress: 3,
      holdingsPerAddress: 3,
      catalogBytesPerAddress: one.metainfo.length,
    };
    await using api = await TestApi.start({ ...OPEN, tokens, limits });
    const both = [withMetainfo(one), withMetainfo(two)];
    const first = await registered(registerFrom(api, '10.0.0.6', { torrents: both }));
    expect(first.missing).toEqual([two.registered.infoHash]);
    const refused = await registerFrom(api, '10.0.0.6', { port: 7001, host: '10.0.0.7', torrents: both });
    expect(refused.status).toBe(507);
    expect(await refused.json()).toMatchObject({
      detail: expect.stringMatching(/of this address.*a token.*tracker\.maxHoldingsPerAddress/),
    });
    for (const port of [7001, 7002]) await registered(registerFrom(api, '10.0.0.6', { port, torrents: [] }));
    expect((await registerFrom(api, '10.0.0.6', { port: 7003, torrents: [] })).status).toBe(507);
    const upload = await api.upload(two, two.metainfo, first.token);
    expect([upload.status, await upload.text()]).toEqual([507, expect.stringContaining('of one address')]);
    // A registered seeder renews, other addresses have their own share, and a token has no limit.
    const renewed = { ...registration(7000), torrents: both };
    const path = `${SEEDERS}/${first.id}`;
    expect((await sendFrom(api, '10.0.0.6', 'PUT', path, renewed, first.token)).status).toBe(200);
    const trusted = { ...registration(7003), torrents: both };
    const own = await registered(sendFrom(api, '10.0.0.6', 'POST', SEEDERS, trusted, granted.text));
    expect(own.missing).toEqual([]);
    const again = await sendFrom(api, '10.0.0.6', 'PUT', `${SEEDERS}/${own.id}`, trusted, own.token);
    expect(again.status).toBe(200);
    expect((await registered(registerFrom(api, '10.0.0.8', { torrents: both }))).missing).toEqual([]);
  });
});
