import { describe, expect, test } from 'vitest';
import { agreesWithModel, type MakeSwarmStore } from '../../../../test/conformance/swarm-model.ts';
import { describeRecordHolders, describeSwarmShares } from '../../../../test/conformance/swarm-share.ts';
import { describeSwarmStore } from '../../../../test/conformance/swarm-store.ts';
import { describeOnRedis } from '../../../../test/support/tracker/on-redis.ts';
import { SmallSwarms } from '../../../../test/support/tracker/small-swarms.ts';
import { seededRandom } from '../../../util/index.ts';
import { type RedisConnection, script } from '../../redis/index.ts';
import { RedisSwarmStore } from './redis-swarm-store.ts';

const MINUTE = 60_000;
/** The first key of swarm 1. */
const KEY = `shoal:{${'1'.padStart(40, '0')}}`;

/** Returns the milliseconds that are left for each existing key of a swarm. */
const LEFT = script(`
local left = {}
for _, set in ipairs({'', ':s4', ':p4', ':d4', ':s6', ':p6', ':d6'}) do
  local each = redis.call('PTTL', KEYS[1] .. set)
  if each ~= -2 then left[#left + 1] = each end
end
return left
`);
/** Removes one of a swarm's keys, as a server that is short of memory does. */
const EVICT = script(`return redis.call('UNLINK', KEYS[1] .. ARGV[1])`);
/** Replaces one of a swarm's keys by a text. */
const DAMAGE = script(`redis.call('SET', KEYS[1] .. ARGV[1], 'damaged')`);
const COUNT_FIELDS = script(`return redis.call('HLEN', KEYS[1])`);

describeOnRedis((emptyRedis, isCluster) => {
  const make: MakeSwarmStore = async (options) =>
    new RedisSwarmStore({ connection: await emptyRedis(), times: 'caller', ...options });
  // In a cluster the same scripts run, each on the server of its swarm: some random calls show that they find it.
  if (isCluster) {
    test('RedisSwarmStore agrees with a plain map after any sequence of calls', async () => {
      await agreesWithModel(make, 3);
    });
  } else {
    describeSwarmStore('RedisSwarmStore', make, { isBounded: false, numRuns: 4 });
    describeSwarmShares('RedisSwarmStore', make, { takesTurns: true, numRuns: 3 });
  }
  describeRecordHolders('RedisSwarmStore', make);

  describe('keys of a swarm', () => {
    const start = async (
      peerTtl: number,
    ): Promise<{ connection: RedisConnection; store: RedisSwarmStore; swarm: SmallSwarms }> => {
      const connection = await emptyRedis();
      const store = new RedisSwarmStore({ connection, peerTtl, random: seededRandom(1), times: 'caller' });
      return { connection, store, swarm: new SmallSwarms(store) };
    };

    test('announce() and leave() begin a damaged index of addresses anew', async () => {
      const { connection, swarm } = await start(5 * MINUTE);
      await swarm.announce(1, 'seeder');
      for (const index of [':a4', ':n']) await connection.run(DAMAGE, KEY, [index]);
      await swarm.announce(2, 'downloader', { heldBy: Uint8Array.of(10, 9, 9, 9) });
      await swarm.leave(1);
      expect(await swarm.announce(3, 'downloader')).toMatchObject({ incomplete: 2, peers: [2] });
    });

    test.each([
      [5, 75],
      [75, 5],
    ])('outlive its peers when the time to live goes from %i to %i minutes', async (before, after) => {
      const { connection, store, swarm } = await start(before * MINUTE);
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'downloader');
      store.configure({ peerTtl: after * MINUTE });
      swarm.now += 1000;
      await swarm.announce(1, 'seeder');
      await swarm.announce(3, 'downloader', { family: 6 });
      const left = (await connection.run(LEFT, KEY, [])) as number[];
      expect(left).toHaveLength(4);
      // The expiry of all keys is put off together.
      const needed = Math.max(before, after) * MINUTE;
      expect(left.filter((each) => each <= needed)).toEqual([]);
    });

    test('are of a new swarm when its hash was evicted: nobody stands there twice', async () => {
      const { connection, swarm } = await start(MINUTE);
      for (const peer of [1, 2]) await swarm.announce(peer, 'downloader');
      await connection.run(EVICT, KEY, ['']);
      await swarm.announce(1, 'seeder');
      expect(await swarm.announce(3, 'downloader')).toEqual({ complete: 1, incomplete: 1, peers: [1] });
      expect(await swarm.announce(4, 'downloader')).toEqual({ complete: 1, incomplete: 2, peers: [1, 3] });
    });

    test('have nothing of the peers of an evicted set that do not come again, in the end', async () => {
      const { connection, swarm } = await start(MINUTE);
      for (let peer = 1; peer <= 200; peer += 1) await swarm.announce(peer, 'downloader', { numWant: 0 });
      await swarm.announce(1000, 'seeder');
      await swarm.announce(1000, 'seeder', { family: 6 });
      await connection.run(EVICT, KEY, [':d4']);
      await swarm.announce(1, 'downloader');
      swarm.now += MINUTE / 2;
      expect(await swarm.announce(1000, 'seeder')).toMatchObject({ complete: 2, peers: [1] });
      // There are `born`, `sets`, `ends`, and the three peers.
      expect(await connection.run(COUNT_FIELDS, KEY, [])).toBe(6);
      expect(await swarm.announce(2, 'downloader')).toMatchObject({ complete: 2, incomplete: 2 });
    });
  });
});
