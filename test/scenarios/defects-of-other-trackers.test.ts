import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { BencodeDictionary, decode } from '../../src/bencode/index.ts';
import {
  type AnnounceRequest,
  decodeAnnounceResponse,
  encodeUdpAnnounce,
  encodeUdpConnect,
  type UdpResponse,
} from '../../src/tracker-protocol/index.ts';
import { parseInfoHash } from '../../src/util/index.ts';
import { announceQuery, TestTracker } from '../support/tracker/test-tracker.ts';
import { UdpClient } from '../support/tracker/udp-client.ts';

// Each test here shows that this tracker does not have a defect that another tracker was found to have. One more, a signal
// that makes a tracker reload for ever, is tested with the other signals in test/e2e/operate-tracker.test.ts.

const TRANSACTION_ID = 7;
const PUBLIC_ID = Buffer.from('0000041727101980', 'hex');
const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list!.some(({ address }) => address === '::1'),
);

async function ask(tracker: TestTracker, path: string, headers: Record<string, string> = {}) {
  // A connection of its own: time that is moved on ends those that are kept.
  const response = await tracker.fetch(path, { headers: { connection: 'close', ...headers } });
  return Buffer.from(await response.arrayBuffer());
}

const announce = (tracker: TestTracker, number: number, more?: string) =>
  ask(tracker, `/announce?${announceQuery(number, more)}`);

function announcePacket(connectionId: Uint8Array, change: Partial<AnnounceRequest> = {}): Uint8Array {
  const request: AnnounceRequest = {
    infoHash: parseInfoHash('aa'.repeat(20)),
    peerId: Buffer.alloc(20, 'p'),
    port: 1000,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: 'started',
    compact: true,
    noPeerId: true,
    ...change,
  };
  return encodeUdpAnnounce({ connectionId, transactionId: TRANSACTION_ID }, request, '');
}

async function connectionIdFor(client: UdpClient): Promise<Uint8Array> {
  const answer = await client.ask(encodeUdpConnect(TRANSACTION_ID));
  return answer.action === 'connect' ? answer.connectionId : expect.fail(answer.action);
}

const peersIn = (answer: UdpResponse): unknown =>
  answer.action === 'announce' ? answer.response.peers : expect.fail(answer.action);

describe('the tracker', () => {
  test('refuses the connection id that everybody knows, and ignores the address that a packet names', async () => {
    await using tracker = await TestTracker.start();
    await using client = await UdpClient.connect(tracker.tracker.address);
    const refused = { action: 'error', failure: { failureReason: 'Connection ID is not valid' } };
    expect(await client.ask(announcePacket(PUBLIC_ID))).toMatchObject(refused);
    const id = await connectionIdFor(client);
    expect(Buffer.from(id)).not.toEqual(PUBLIC_ID);
    await client.ask(announcePacket(id, { ip: '198.51.100.1' }));
    expect(peersIn(await client.announce(2))).toEqual([{ host: '127.0.0.1', port: 1000 }]);
  });

  test.skipIf(!hasIPv6)('answers over IPv6 with IPv6 peers, 18 bytes each', async () => {
    await using tracker = await TestTracker.start({ host: '::1' });
    await using client = await UdpClient.connect(tracker.tracker.address);
    await client.announce(1);
    await client.announce(2);
    expect(peersIn(await client.announce(3))).toHaveLength(2);
  });

  test('forgets swarms without peers', async () => {
    await using tracker = await TestTracker.start({ announceInterval: 120 });
    const swarms = async (): Promise<unknown> =>
      (JSON.parse((await ask(tracker, '/healthz')).toString()) as { swarms: number }).swarms;
    for (let number = 10; number < 60; number += 1) {
      await ask(
        tracker,
        `/announce?${announceQuery(1).replace(/info_hash=(%AA){2}/, `info_hash=%AA%${number}`)}`,
      );
    }
    expect(await swarms()).toBe(50);
    await announce(tracker, 2, 'left=0');
    await announce(tracker, 2, 'left=0&event=stopped');
    expect(await swarms()).toBe(50);
    tracker.clock.advance(400_000);
    await new Promise((resolve) => setImmediate(resolve));
    tracker.clock.advance(2000);
    expect(await swarms()).toBe(0);
  });

  test('uses the last address of X-Forwarded-For, which the proxy added, and not those that the client wrote', async () => {
    await using tracker = await TestTracker.start({ trustedProxies: ['127.0.0.1'] });
    const headers = { 'X-Forwarded-For': '198.51.100.1, 192.0.2.7' };
    const answer = decodeAnnounceResponse(await ask(tracker, `/announce?${announceQuery(1)}`, headers));
    expect(answer).toMatchObject({ externalIp: '192.0.2.7' });
  });

  test('writes ports in the dictionary form as numbers', async () => {
    await using tracker = await TestTracker.start();
    await announce(tracker, 4660, 'left=0');
    const answer = decode(await announce(tracker, 2, 'left=1&compact=0')) as BencodeDictionary;
    const [peer] = answer.get('peers') as BencodeDictionary[];
    expect(peer).toBeInstanceOf(BencodeDictionary);
    expect(peer!.getInteger('port')).toBe(4660);
  });

  test('refuses a connection id that is too old', async () => {
    await using tracker = await TestTracker.start();
    await using client = await UdpClient.connect(tracker.tracker.address);
    const id = await connectionIdFor(client);
    tracker.clock.advance(120_000);
    expect((await client.ask(announcePacket(id))).action).toBe('announce');
    tracker.clock.advance(120_000);
    expect((await client.ask(announcePacket(id))).action).toBe('error');
  });

  test('counts a partial seed, which sends `paused`, as incomplete', async () => {
    await using tracker = await TestTracker.start();
    expect(decodeAnnounceResponse(await announce(tracker, 1, 'left=5&event=paused'))).toMatchObject({
      complete: 0,
      incomplete: 1,
    });
    expect(decodeAnnounceResponse(await announce(tracker, 2, 'left=9'))).toMatchObject({
      incomplete: 2,
      peers: [{ port: 1 }],
    });
  });

  test.each(['left=0', 'left=1', 'left=1&compact=0'])(
    'never hands a peer its own address (%s)',
    async (more) => {
      await using tracker = await TestTracker.start();
      for (let round = 0; round < 3; round += 1) {
        expect(decodeAnnounceResponse(await announce(tracker, 1, more))).toMatchObject({ peers: [] });
      }
    },
  );
});
