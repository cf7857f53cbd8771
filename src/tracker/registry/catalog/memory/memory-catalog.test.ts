import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeCatalog } from '../../../../../test/conformance/catalog.ts';
import type { ListedTorrent } from '../../../../tracker-protocol/index.ts';
import { parseInfoHash, Turns } from '../../../../util/index.ts';
import type { NewSeeder, StoredTorrent } from '../catalog.ts';
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

test('put() counts a torrent once more in the share of its address for every 256 bytes of its name', async () => {
  const catalog = new MemoryCatalog({ maxHoldingsPerAddress: 3 });
  const named = (number: number, bytes: number) => ({ ...torrent(number), name: 'ä'.repeat(bytes / 2) });
  await expect(catalog.put(seeder(1), [named(1, 256), named(2, 256)])).rejects.toMatchObject({
    code: 'TOO_MANY_TORRENTS',
  });
  await catalog.put(seeder(1), [named(1, 256), named(2, 254)]);
  await catalog.remove('s1');
  await catalog.put(seeder(1), [torrent(1), torrent(2), torrent(3)]);
});

describe('addMetainfo() for an owner that has used up its share', () => {
  const at = (number: number, host: string): NewSeeder => ({ ...seeder(number), address: { host, port: 1 } });
  const by = (number: number, isTrusted = false) => ({ id: `s${number}`, isTrusted });
  const [own, foreign] = [at(1, '192.0.2.1'), at(2, '192.0.2.2')];

  test('is refused, and that of others and of those with a token is not', async () => {
    const catalog = new MemoryCatalog({ maxCatalogBytesPerAddress: 3 });
    await catalog.put(own, [torrent(1), torrent(2)]);
    await catalog.put(foreign, [torrent(1), torrent(2), torrent(3)]);
    await catalog.addMetainfo(hash(1), new Uint8Array(2), by(1));
    await expect(catalog.addMetainfo(hash(2), new Uint8Array(2), by(1))).rejects.toMatchObject({
      code: 'TOO_MUCH_METAINFO',
      message: expect.stringContaining('tracker.maxCatalogBytesPerAddress'),
    });
    expect(await catalog.addMetainfo(hash(3), new Uint8Array(2), by(1))).toBe(false);
    expect(await catalog.addMetainfo(hash(3), new Uint8Array(3), by(2))).toBe(true);
    expect(await catalog.addMetainfo(hash(2), new Uint8Array(9), by(1, true))).toBe(true);
  });

  test('counts for another one that holds the torrent when its bringer does no more', async () => {
    const catalog = new MemoryCatalog({ maxCatalogBytesPerAddress: 3 });
    await catalog.put(own, [torrent(1), torrent(2)]);
    await catalog.put(foreign, [torrent(1), torrent(3)]);
    await catalog.addMetainfo(hash(1), new Uint8Array(2), by(1));
    await catalog.put(own, [torrent(2), torrent(4)]);
    expect(await catalog.addMetainfo(hash(2), new Uint8Array(2), by(1))).toBe(true);
    await expect(catalog.addMetainfo(hash(3), new Uint8Array(2), by(2))).rejects.toThrow(
      '2 of the 3 of one address',
    );
    await catalog.remove('s2');
    await catalog.put(foreign, [torrent(3)]);
    expect(await catalog.addMetainfo(hash(3), new Uint8Array(3), by(2))).toBe(true);
  });

  test('is what its seeders have, whatever came, moved and went', async () => {
    const step = fc.record({
      seeder: fc.integer({ min: 1, max: 4 }),
      host: fc.constantFrom('192.0.2.1', '192.0.2.2'),
      torrents: fc.uniqueArray(fc.integer({ min: 1, max: 6 })),
      metainfo: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const catalog = new MemoryCatalog();
        // Each share exists, with its counts.
        await catalog.put(at(8, '192.0.2.1'), []);
        await catalog.put(at(9, '192.0.2.2'), []);
        for (const { seeder: number, host, torrents, metainfo } of steps) {
          if (torrents.length === 0) await catalog.remove(`s${number}`);
          else {
            const moved = { ...seeder(number), address: { host, port: 1 + number } };
            await catalog.put(moved, torrents.map(torrent));
          }
          await catalog.addMetainfo(hash(metainfo), new Uint8Array(2), by(number));
        }
        for (const number of [1, 2, 3, 4]) await catalog.remove(`s${number}`);
        catalog.configure({
          maxSeedersPerAddress: 2,
          maxHoldingsPerAddress: 2,
          maxCatalogBytesPerAddress: 5,
        });
        for (const [number, host] of [
          [1, '192.0.2.1'],
          [2, '192.0.2.2'],
        ] as const) {
          const list = [torrent(10 * number), torrent(10 * number + 1)];
          const last = { ...seeder(number), address: { host, port: 2 } };
          await catalog.put(last, list);
          await expect(catalog.put({ ...seeder(7), address: { host, port: 3 } }, [])).rejects.toThrow(
            '2 are',
          );
          await expect(catalog.put(last, [...list, torrent(5)])).rejects.toThrow('have 0, and 2 are');
          await catalog.addMetainfo(hash(10 * number), new Uint8Array(5), by(number));
          await expect(
            catalog.addMetainfo(hash(10 * number + 1), new Uint8Array(1), by(number)),
          ).rejects.toThrow('5 of the 5');
        }
      }),
      { numRuns: 25 },
    );
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

  test('is read in steps for a renewal, and anew when it is replaced meanwhile', async () => {
    const turns = new CountedTurns();
    const catalog = new MemoryCatalog({ turns });
    const torrents = Array.from({ length: 1000 }, (_, at) => torrent(at));
    await catalog.put(seeder(1), torrents);
    turns.count = 0;
    expect(await catalog.renew('s1', 5)).toEqual(torrents);
    expect(turns.count).toBe(4);
    const renewal = catalog.renew('s1', 6);
    await catalog.put(seeder(1), torrents.slice(0, 10));
    expect(await renewal).toEqual(torrents.slice(0, 10));
    await catalog.put(seeder(1), torrents);
    const late = catalog.renew('s1', 7);
    await catalog.remove('s1');
    expect(await late).toBeUndefined();
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

describe('MemoryCatalog', () => {
  /** There are few different values, so that many are equal. */
  const said = fc.record({
    number: fc.nat(30),
    name: fc.constantFrom('a', 'b', 'ä\ud800', 'a name that is longer'),
    size: fc.constantFrom(0, 1, 2 ** 32, 2 ** 32 + 1),
    sha256: fc.constantFrom(undefined, '0'.repeat(64), 'f'.repeat(64)),
  });
  const list = fc.uniqueArray(said, { selector: ({ number }) => number, maxLength: 30 });
  const step = fc.record({
    seeder: fc.integer({ min: 1, max: 6 }),
    port: fc.integer({ min: 1, max: 4 }),
    list,
  });

  test('MemoryCatalog answers as plain lists do, whatever was put and removed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const catalog = new MemoryCatalog();
        const model = new Map<string, { readonly port: number; readonly torrents: StoredTorrent[] }>();
        for (const { seeder: number, port, list } of steps) {
          const torrents = list.map(({ number, name, size, sha256 }) => ({
            infoHash: hash(number),
            ...(number % 2 === 0 && { infoHashV2: hash(99) }),
            name,
            size,
            ...(sha256 !== undefined && { sha256 }),
          }));
          const there = [...model].find(([, known]) => known.port === port)?.[0];
          if (list.length === 0) {
            expect((await catalog.remove(`s${number}`))?.torrents).toEqual(model.get(`s${number}`)?.torrents);
            model.delete(`s${number}`);
            continue;
          }
          const departures = await catalog.put({ ...seeder(port), id: `s${number}` }, torrents);
          const replaced = [...new Set([`s${number}`, there])].flatMap((id) => model.get(id ?? '') ?? []);
          expect(departures.map((departure) => departure.torrents)).toEqual(
            replaced.map((known) => known.torrents),
          );
          if (there !== undefined) model.delete(there);
          model.set(`s${number}`, { port, torrents });
        }
        await expectSame(catalog, model);
      }),
      { numRuns: 25 },
    );
  });

  async function expectSame(
    catalog: MemoryCatalog,
    model: ReadonlyMap<string, { readonly torrents: readonly StoredTorrent[] }>,
  ): Promise<void> {
    const all = { limit: 1000 };
    for (let number = 0; number <= 30; number += 1) {
      const holders = [...model].filter(([, { torrents }]) =>
        torrents.some((torrent) => torrent.infoHash === hash(number)),
      );
      const found = await catalog.holders(hash(number), 9);
      expect(found.map(({ id }) => id).sort()).toEqual(holders.map(([id]) => id).sort());
      expect((await catalog.torrent(hash(number)))?.seeders ?? 0).toBe(holders.length);
      expect(await catalog.holds('s1', hash(number))).toBe(holders.some(([id]) => id === 's1'));
    }
    const described = [...model.values()].flatMap(({ torrents }) => torrents);
    const texts = (torrents: readonly Omit<ListedTorrent, 'seeders'>[]): string[] =>
      [
        ...new Set(
          torrents.map(({ infoHash, infoHashV2, name, size, sha256 }) =>
            JSON.stringify([infoHash, infoHashV2, name, size, sha256]),
          ),
        ),
      ].sort();
    const values = [undefined, ...described.slice(0, 2)];
    for (const name of values.map((value) => value?.name)) {
      for (const size of values.map((value) => value?.size)) {
        for (const sha256 of values.map((value) => value?.sha256)) {
          const wanted = described.filter(
            (torrent) =>
              (name ?? torrent.name) === torrent.name &&
              (size ?? torrent.size) === torrent.size &&
              (sha256 ?? torrent.sha256) === torrent.sha256,
          );
          const page = await catalog.find({ name, size, sha256 }, all);
          expect(texts(page.items)).toEqual(texts(wanted));
          expect(page.total).toBe(page.items.length);
        }
      }
    }
  }
});

const hash = (number: number) => parseInfoHash(number.toString(16).padStart(40, '0'));

function torrent(number: number): StoredTorrent {
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
