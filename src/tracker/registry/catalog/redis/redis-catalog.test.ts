import { describe, expect, test } from 'vitest';
import { describeCatalog } from '../../../../../test/conformance/catalog.ts';
import { FakeClock } from '../../../../../test/support/index.ts';
import { describeOnRedis } from '../../../../../test/support/tracker/on-redis.ts';
import { parseInfoHash } from '../../../../util/index.ts';
import type { NewSeeder, StoredTorrent } from '../catalog.ts';
import type { CatalogLimits } from '../catalog-limits.ts';
import { RedisCatalog } from './redis-catalog.ts';

const SECOND = 1000;
/** The time of a seeder to renew. */
const EXPIRY = 90 * SECOND;

describeOnRedis((emptyRedis) => {
  const start = async (limits: CatalogLimits = {}): Promise<{ catalog: RedisCatalog; clock: FakeClock }> => {
    const connection = await emptyRedis();
    const clock = new FakeClock();
    const catalog = new RedisCatalog({ connection, clock, prefix: 'x:', times: 'caller', ...limits });
    return { catalog, clock };
  };

  describeCatalog('RedisCatalog', async (limits) => (await start(limits)).catalog);

  describe('RedisCatalog.expire()', () => {
    test('forgets nobody until the server was asked for as long as seeders have to renew', async () => {
      const { catalog, clock } = await start();
      /** Advances the clock, while a tracker looks every second for expired seeders. @returns their ids */
      const sweep = async (time: number): Promise<string[]> => {
        const gone: string[] = [];
        for (const end = clock.now() + time; clock.now() < end; ) {
          clock.advance(SECOND);
          const departures = await catalog.expire(clock.now() - EXPIRY);
          gone.push(...departures.map(({ seeder }) => seeder.id));
        }
        return gone;
      };
      for (let number = 1; number <= 6; number += 1) await catalog.put(seeder(number), [torrent(number)]);
      expect(await sweep(EXPIRY / 3)).toEqual([]);
      catalog.takeResumed();
      expect(await sweep(SECOND)).toEqual([]);
      expect(catalog.takeResumed()).toBe(false);
      // Nobody reaches the server, or no tracker runs.
      clock.advance(2 * EXPIRY);
      expect(await sweep(EXPIRY / 3)).toEqual([]);
      expect([catalog.takeResumed(), catalog.takeResumed()]).toEqual([true, false]);
      await catalog.renew('1', clock.now());
      expect(await sweep((EXPIRY * 2) / 3)).toEqual([]);
      expect((await sweep(2 * SECOND)).sort()).toEqual(['2', '3', '4', '5', '6']);
      expect((await catalog.seeders({ limit: 10 })).items.map(({ id }) => id)).toEqual(['1']);
      // It had that time from its renewal on.
      expect(await sweep(EXPIRY / 3 + SECOND)).toEqual(['1']);
    });
  });

  describe('RedisCatalog.put() when limits were lowered', () => {
    test('takes any list of a seeder that it knows by its id or its address, and no other seeder', async () => {
      const { catalog } = await start();
      for (const number of [1, 2, 3]) await catalog.put(seeder(number), [torrent(number)]);
      catalog.configure({ maxSeeders: 1 });
      await catalog.put(seeder(1), [torrent(1), torrent(4)]);
      await catalog.put({ ...seeder(5), address: seeder(2).address }, [torrent(5)]);
      expect((await catalog.seeders({ limit: 10 })).items.map(({ id }) => id).sort()).toEqual([
        '1',
        '3',
        '5',
      ]);
      await expect(catalog.put(seeder(6), [])).rejects.toMatchObject({ code: 'TOO_MANY_SEEDERS' });
    });

    test('refuses a list only when it grows', async () => {
      const { catalog } = await start();
      for (const number of [1, 2]) await catalog.put(seeder(number), [torrent(1), torrent(2), torrent(3)]);
      catalog.configure({ maxHoldings: 2 });
      await catalog.put(seeder(1), [torrent(1), torrent(2), torrent(4)]);
      await catalog.put(seeder(1), [torrent(5), torrent(6)]);
      await catalog.put({ ...seeder(3), address: seeder(1).address }, [torrent(5)]);
      for (const list of [
        [torrent(5), torrent(7)],
        [torrent(1), torrent(2), torrent(3), torrent(4)],
      ]) {
        await expect(catalog.put(seeder(3), list)).rejects.toMatchObject({ code: 'TOO_MANY_TORRENTS' });
      }
      await expect(catalog.put(seeder(4), [torrent(1)])).rejects.toMatchObject({ code: 'TOO_MANY_TORRENTS' });
    });
  });
});

function torrent(number: number): StoredTorrent {
  return { infoHash: parseInfoHash(number.toString(16).padStart(40, '0')), name: `f${number}`, size: number };
}

function seeder(number: number): NewSeeder {
  return {
    id: String(number),
    address: { host: '10.0.0.1', port: number },
    peerId: new Uint8Array(20),
    tokenHash: new Uint8Array(32),
    registeredAt: 0,
    seenAt: 0,
  };
}
