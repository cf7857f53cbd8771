import { describe, expect, test } from 'vitest';
import { parseInfoHash } from '../../../util/index.ts';
import { Turns } from '../../turns.ts';
import type { CatalogTorrent, NewSeeder } from '../catalog.ts';
import { describeCatalog } from '../catalog-conformance.ts';
import { MemoryCatalog } from './memory-catalog.ts';

describeCatalog('MemoryCatalog', (limits) => new MemoryCatalog(limits));

describe('a limit that is lowered', () => {
  test('put() takes a seeder back that is known by its id or its address, and no other', async () => {
    const catalog = new MemoryCatalog();
    for (const number of [1, 2, 3]) await catalog.put(seeder(number), []);
    catalog.configure({ maxSeeders: 1 });
    await catalog.put(seeder(1), [torrent(1)]);
    await catalog.put({ ...seeder(4), address: seeder(2).address }, [torrent(2)]);
    await expect(catalog.put(seeder(5), [])).rejects.toMatchObject({ code: 'TOO_MANY_SEEDERS' });
    expect((await catalog.seeders({ limit: 9 })).total).toBe(3);
  });

  test('put() takes a list that is no longer than the one before', async () => {
    const catalog = new MemoryCatalog();
    for (const number of [1, 2]) await catalog.put(seeder(number), [torrent(1), torrent(2), torrent(3)]);
    catalog.configure({ maxHoldings: 1 });
    await catalog.put(seeder(1), [torrent(1), torrent(2), torrent(4)]);
    await catalog.put({ ...seeder(3), address: seeder(2).address }, [torrent(1), torrent(2)]);
    const longer = [torrent(1), torrent(2), torrent(3)];
    await expect(catalog.put(seeder(3), longer)).rejects.toMatchObject({ code: 'TOO_MANY_TORRENTS' });
    expect(await catalog.seeder('s3')).toMatchObject({ torrents: 2 });
  });
});

describe('a long list', () => {
  /** Counts the turns that are asked for. */
  class CountedTurns extends Turns {
    count = 0;

    override next(): Promise<void> {
      this.count += 1;
      return super.next();
    }
  }

  test('comes and goes in steps of 200 torrents', async () => {
    const turns = new CountedTurns();
    const catalog = new MemoryCatalog({ turns });
    const torrents = Array.from({ length: 5000 }, (_, at) => torrent(at));
    await catalog.put(seeder(1), torrents);
    expect(turns.count).toBe(24);
    expect((await catalog.find({}, { limit: 1 })).total).toBe(5000);
    await catalog.remove('s1');
    expect(turns.count).toBe(48);
    expect((await catalog.find({}, { limit: 1 })).total).toBe(0);
  });

  test('is whole when others come and go at the same time', async () => {
    const catalog = new MemoryCatalog();
    const torrents = Array.from({ length: 3000 }, (_, at) => torrent(at));
    const changes = [
      catalog.put(seeder(1), torrents),
      catalog.put({ ...seeder(2), address: seeder(1).address }, torrents.slice(1000)),
      catalog.remove('s1'),
      catalog.put(seeder(3), torrents.slice(0, 10)),
      catalog.expire(-1),
    ];
    expect((await catalog.holders(hash(1), 9)).map(({ id }) => id)).toEqual([]);
    const departures = await Promise.all(changes);
    expect(departures[1]).toMatchObject([{ seeder: { id: 's1' }, torrents: { length: 3000 } }]);
    expect(departures[2]).toBeUndefined();
    expect((await catalog.find({}, { limit: 1 })).total).toBe(2010);
    expect((await catalog.seeders({ limit: 9 })).items.map(({ id }) => id)).toEqual(['s2', 's3']);
  });
});

describe('MemoryCatalog.find()', () => {
  const same = { name: 'same', size: 1 };

  test('find() by two things lets others have their turn, and finds all', async () => {
    const catalog = new MemoryCatalog();
    const torrents = Array.from({ length: 20_000 }, (_, at) => ({
      ...torrent(at),
      name: 'same',
      size: at % 3 === 0 ? 1 : 2,
    }));
    await catalog.put(
      seeder(1),
      torrents.filter(({ size }) => size === 2),
    );
    await catalog.put(seeder(2), torrents);
    let turns = 0;
    let timer = setImmediate(function count() {
      turns += 1;
      timer = setImmediate(count);
    });
    const first = await catalog.find(same, { limit: 2 });
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(0);
    expect(first).toMatchObject({ items: [{ infoHash: hash(0) }, { infoHash: hash(3) }], total: 6667 });
    expect(first.looked).toBeGreaterThan(6666);
    const next = await catalog.find(same, { limit: 1, after: first.next! });
    expect(next).toMatchObject({ items: [{ infoHash: hash(6) }], total: 6667 });
    const last = await catalog.find(same, { limit: 6664, after: next.next! });
    expect([last.items.length, last.next]).toEqual([6664, undefined]);
  });
});

const hash = (number: number) => parseInfoHash(number.toString(16).padStart(40, '0'));

function torrent(number: number): CatalogTorrent {
  return { infoHash: hash(number), name: `file-${number}`, size: number };
}

function seeder(number: number): NewSeeder {
  return {
    id: `s${number}`,
    address: { host: '10.0.0.1', port: number },
    peerId: new Uint8Array(20),
    tokenHash: new Uint8Array(32),
    registeredAt: 0,
    seenAt: 0,
  };
}
