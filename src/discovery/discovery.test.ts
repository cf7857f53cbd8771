import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { parseInfoHash, seededRandom } from '../util/index.ts';
import { Discovery } from './discovery.ts';

const seeder = { host: '192.0.2.1', port: 6881 };
const other = { host: '192.0.2.2', port: 6881 };

function discover() {
  const clock = new FakeClock();
  const told: [string, readonly unknown[]][] = [];
  const events: (string | undefined)[] = [];
  const messages: string[] = [];
  const discovery = new Discovery({
    torrent: {
      infoHashes: [parseInfoHash('1'.repeat(40))],
      metainfo: { name: 'a file' },
      stats: { uploaded: 0, downloaded: 0, left: 1 },
      addPeers: (addresses, source) => told.push([source, addresses]),
    },
    seeders: [seeder],
    tiers: [['http://tracker.example/announce']],
    peerId: new Uint8Array(20),
    port: 6881,
    announce: async (_, { event }) => {
      events.push(event);
      return { interval: 1800, peers: [other] };
    },
    onFailure: (_, error) => {
      throw error;
    },
    debug: (message) => messages.push(message),
    clock,
    random: seededRandom(1),
    report: (error) => {
      throw error;
    },
  });
  return { clock, discovery, told, events, messages };
}

test('start() tells the torrent of the peers of each source, and of which source they are', async () => {
  const { clock, discovery, told, messages } = discover();
  expect(told).toEqual([]);
  discovery.start();
  await clock.pass(1000);
  expect(told).toEqual([
    ['registry', [seeder]],
    ['tracker', [other]],
  ]);
  expect(messages).toEqual([
    'Heard of 1 peer of a file from the registry',
    'Heard of 1 peer of a file from a tracker',
  ]);
  expect(discovery.trackers).toMatchObject([{ state: 'answered' }]);
  await discovery.close();
});

test('completed() and close() are told to the trackers', async () => {
  const { clock, discovery, events } = discover();
  discovery.start();
  await clock.pass(1000);
  discovery.completed();
  await clock.pass(1000);
  await discovery.close();
  expect(events).toEqual(['started', 'completed', 'stopped']);
  expect(clock.pendingCount).toBe(0);
});
