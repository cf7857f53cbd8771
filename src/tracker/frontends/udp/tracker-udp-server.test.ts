import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { announceQuery, TestTracker } from '../../../../test/support/tracker/test-tracker.ts';
import { UdpClient } from '../../../../test/support/tracker/udp-client.ts';
import { createTracker } from '../../create-tracker.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list!.some(({ address }) => address === '::1'),
);

describe('the tracker over UDP', () => {
  test('listens on the number of its TCP port, and has the same swarms', async () => {
    await using tracker = await TestTracker.start();
    await (await tracker.fetch(`/announce?${announceQuery(9)}`)).arrayBuffer();
    await using client = await UdpClient.connect(tracker.tracker.address);
    expect(await client.announce(5)).toMatchObject({
      action: 'announce',
      response: { complete: 1, incomplete: 1, peers: [{ host: '127.0.0.1', port: 9 }] },
    });
  });

  test.skipIf(!hasIPv6)('without a host can be reached over IPv4 and over IPv6', async () => {
    await using tracker = await TestTracker.start({ host: '::' });
    const { port } = tracker;
    await using ipv4 = await UdpClient.connect({ host: '127.0.0.1', port });
    await using ipv6 = await UdpClient.connect({ host: '::1', port });
    await using other = await UdpClient.connect({ host: '::1', port });
    await ipv4.announce(1);
    await ipv6.announce(2);
    expect(await other.announce(3)).toMatchObject({
      response: { incomplete: 3, peers: [{ host: '::1', port: 2 }] },
    });
  });

  test('goes on after packets that are no requests', async () => {
    await using tracker = await TestTracker.start();
    await using client = await UdpClient.connect(tracker.tracker.address);
    for (const length of [0, 1, 15, 16, 98, 2000]) client.send(Buffer.alloc(length, 0xff));
    expect(await client.announce(5)).toMatchObject({ action: 'announce' });
  });

  test('reports that its port is in use over UDP, and leaves no port open', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const options = { host: '127.0.0.1', port: socket.address().port };
    const inUse = { code: 'PORT_IN_USE', message: expect.stringContaining('for UDP') };
    await expect(createTracker(options)).rejects.toMatchObject(inUse);
    await new Promise<void>((resolve) => socket.close(resolve));
    await using tracker = await createTracker(options);
    expect(tracker.address.port).toBe(options.port);
  });

  test('close() frees the port', async () => {
    const first = await createTracker({ host: '127.0.0.1' });
    const { host, port } = first.address;
    await using client = await UdpClient.connect(first.address);
    await client.announce(1);
    await first.close();
    await using again = await createTracker({ host, port });
    await using other = await UdpClient.connect(again.address);
    expect(await other.announce(2)).toMatchObject({ response: { peers: [] } });
  });
});
