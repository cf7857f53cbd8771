import { describe, expect, test } from 'vitest';
import type { DetailedTorrent, RegistrationResponse, SeederList } from '../../src/tracker-protocol/index.ts';
import { pollUntil } from '../support/index.ts';
import { AnsweringPeer } from '../support/tracker/answering-peer.ts';
import { registered, registerFrom, sendFrom } from '../support/tracker/registering-from.ts';
import { registration, TestApi } from '../support/tracker/test-api.ts';
import { testTorrent, withMetainfo } from '../support/tracker/torrents.ts';

const SEEDERS = '/api/v1/seeders';
const one = testTorrent('one.txt');
const { infoHash } = one.registered;
/** Options with which a proxy on this machine names clients, and no seeder is dialled. */
const OPEN = { trustedProxies: ['127.0.0.1'], openRegistration: true, checkSeeders: false };
const [HONEST, OTHER] = ['ab'.repeat(20), 'cd'.repeat(20)];

async function heldBy(api: TestApi): Promise<DetailedTorrent['heldBy']> {
  return (await api.get<DetailedTorrent>(`/api/v1/torrents/${infoHash}`)).heldBy;
}

describe('a seeder that names an address which is not its own', () => {
  test('never takes the place of a seeder that is registered there, neither by registering nor by renewing', async () => {
    await using api = await TestApi.start(OPEN);
    const honest = await registered(registerFrom(api, '10.0.0.5', {}));
    const refused = await registerFrom(api, '10.0.0.6', { host: '10.0.0.5', torrents: [] });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      detail: expect.stringContaining('Another seeder is registered at 10.0.0.5:7000'),
    });
    const own = await registered(registerFrom(api, '10.0.0.6', {}));
    const body = { ...registration(7000), host: '10.0.0.5' };
    const path = `${SEEDERS}/${own.id}`;
    expect((await sendFrom(api, '10.0.0.6', 'PUT', path, body, own.token)).status).toBe(409);
    expect((await heldBy(api)).map(({ id }) => id).sort()).toEqual([honest.id, own.id].sort());
  });

  test('has to give the place back to the address itself, and does not keep what another one has named', async () => {
    await using api = await TestApi.start(OPEN);
    await registered(registerFrom(api, '10.0.0.6', { host: '10.0.0.5', torrents: [] }));
    // Whether the first one has crashed is not known.
    expect((await registerFrom(api, '10.0.0.7', { host: '10.0.0.5' })).status).toBe(409);
    await registered(registerFrom(api, '10.0.0.6', { host: '10.0.0.5', torrents: [] }));
    const { id } = await registered(registerFrom(api, '10.0.0.5', {}));
    const { seeders } = await api.get<SeederList>(SEEDERS);
    expect(seeders.map((seeder) => seeder.id)).toEqual([id]);
  });

  test('takes a peer that has announced itself from there out of no swarm when it leaves', async () => {
    await using api = await TestApi.start(OPEN);
    const escaped = infoHash.replaceAll(/../g, '%$&');
    const query = `info_hash=${escaped}&peer_id=${'-'.repeat(20)}&port=7000&left=0`;
    expect((await sendFrom(api, '10.0.0.5', 'GET', `/announce?${query}`)).status).toBe(200);
    const { id, token } = await registered(registerFrom(api, '10.0.0.6', { host: '10.0.0.5' }));
    expect((await sendFrom(api, '10.0.0.6', 'DELETE', `${SEEDERS}/${id}`, undefined, token)).status).toBe(
      204,
    );
    expect(await api.peersOf(infoHash)).toBe(1);
  });

  test('may not name a loopback address from elsewhere', async () => {
    await using api = await TestApi.start(OPEN);
    expect((await registerFrom(api, '10.0.0.6', { host: '127.0.0.1' })).status).toBe(400);
  });

  test('is handed out when it has answered there with its peer id, and not before', async () => {
    await using api = await TestApi.start();
    await using peer = await AnsweringPeer.start('127.0.0.2', HONEST);
    const { id } = await registered(registerFrom(api, undefined, { host: '127.0.0.2', port: peer.port }));
    await pollUntil('it is handed out', async () => (await heldBy(api)).length > 0 || undefined);
    expect(await heldBy(api)).toEqual([{ id, host: '127.0.0.2', port: peer.port, reachable: true }]);
    await pollUntil('it is in the swarm', async () => (await api.peersOf(infoHash)) === 1 || undefined);
    expect(peer.handshakes).toBe(1);
  });

  test.each([
    ['another peer id', true],
    ['nothing', false],
  ])('is not handed out where %s answers, and is told so', async (_, isThere) => {
    await using api = await TestApi.start();
    const peer = await AnsweringPeer.start('127.0.0.2', OTHER);
    if (!isThere) await peer[Symbol.asyncDispose]();
    await using _peer = isThere ? peer : undefined;
    const { id, token } = await registered(
      registerFrom(api, undefined, { host: '127.0.0.2', port: peer.port }),
    );
    const renew = async () => (await api.call('PUT', `${SEEDERS}/${id}`, undefined, token)).json();
    await pollUntil('it is told', async () => {
      api.tracker.clock.advance(1000);
      const { reachable } = (await renew()) as RegistrationResponse;
      return reachable === false || undefined;
    });
    expect(await heldBy(api)).toEqual([]);
    expect(await api.peersOf(infoHash)).toBe(0);
  });

  test('is believed where seeders are not checked', async () => {
    await using api = await TestApi.start({ checkSeeders: false });
    await registered(registerFrom(api, undefined, { host: '192.168.7.7' }));
    expect(await heldBy(api)).toMatchObject([{ host: '192.168.7.7' }]);
    expect(await api.peersOf(infoHash)).toBe(1);
  });
});

describe('a seeder at its own address', () => {
  test('is handed out at once, after those that have answered', async () => {
    await using api = await TestApi.start();
    await using peer = await AnsweringPeer.start('127.0.0.1', HONEST);
    const dead = await registered(registerFrom(api, undefined, { port: 1 }));
    const alive = await registered(registerFrom(api, undefined, { port: peer.port }));
    expect(await api.peersOf(infoHash)).toBe(2);
    await pollUntil('the second is checked', async () => (await heldBy(api))[0]?.reachable);
    expect((await heldBy(api)).map(({ id }) => id)).toEqual([alive.id, dead.id]);
  });

  test('is not replaced by another one of that address while it answers, and is when it has crashed', async () => {
    await using api = await TestApi.start();
    const first = await AnsweringPeer.start('127.0.0.1', HONEST);
    const { port } = first;
    await registered(registerFrom(api, undefined, { port }));
    await pollUntil('it is checked', async () => (await heldBy(api))[0]?.reachable);
    expect((await registerFrom(api, undefined, { port, peerId: OTHER, torrents: [] })).status).toBe(409);
    expect(await heldBy(api)).toHaveLength(1);
    await first[Symbol.asyncDispose]();
    await using _second = await AnsweringPeer.start('127.0.0.1', OTHER, port);
    const { id } = await registered(registerFrom(api, undefined, { port, peerId: OTHER }));
    expect((await heldBy(api)).map((holder) => holder.id)).toEqual([id]);
  });

  test('is to register again when it renews from where it could not have registered', async () => {
    await using api = await TestApi.start(OPEN);
    const { id, token } = await registered(registerFrom(api, '192.0.2.1', {}));
    const renew = (clientAddress: string) =>
      sendFrom(api, clientAddress, 'PUT', `${SEEDERS}/${id}`, undefined, token);
    expect((await renew('192.0.2.1')).status).toBe(200);
    expect((await renew('192.0.2.2')).status).toBe(404);
    expect((await api.get<SeederList>(SEEDERS)).total).toBe(0);
  });

  test('is checked for a torrent only when the tracker has its metainfo, which nobody can choose', async () => {
    await using api = await TestApi.start();
    await using peer = await AnsweringPeer.start('127.0.0.1', HONEST);
    const { token } = await registered(
      registerFrom(api, undefined, { port: peer.port, torrents: [one.registered] }),
    );
    await using other = await AnsweringPeer.start('127.0.0.1', HONEST);
    await registered(registerFrom(api, undefined, { port: other.port }));
    await pollUntil('the other one is checked', () => other.handshakes || undefined);
    expect(peer.handshakes).toBe(0);
    expect((await api.upload(one, one.metainfo, token)).status).toBe(204);
    await pollUntil('it is checked', () => peer.handshakes || undefined);
  });

  test('is checked by its IPv6 address', async () => {
    await using api = await TestApi.start({ host: '::1' });
    await using peer = await AnsweringPeer.start('::1', HONEST);
    const answer = await fetch(`http://[::1]:${api.tracker.port}${SEEDERS}`, {
      method: 'POST',
      body: JSON.stringify(registration(peer.port, [withMetainfo(one)])),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(201);
    await pollUntil('it is checked', async () => (peer.handshakes === 1 ? true : undefined));
  });
});
