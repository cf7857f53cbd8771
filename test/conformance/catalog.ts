import { describe, expect, test } from 'vitest';
import type { Catalog, NewSeeder, StoredTorrent } from '../../src/tracker/registry/catalog/catalog.ts';
import type { CatalogLimits } from '../../src/tracker/registry/catalog/catalog-limits.ts';
import { type InfoHash, type MaybePromise, parseInfoHash } from '../../src/util/index.ts';

/** Makes an empty catalog. */
export type MakeCatalog = (limits?: CatalogLimits) => MaybePromise<Catalog>;

const all = { limit: 1000 };

/** The contract of {@link Catalog}, for each adapter to run. */
export function describeCatalog(name: string, create: MakeCatalog): void {
  describe(name, () => {
    test('put() lists a seeder and what it holds', async () => {
      const catalog = await create();
      expect(await catalog.put(seeder('a'), [torrent(1), torrent(2)])).toEqual([]);
      expect(await catalog.seeder('a')).toEqual({ ...seeder('a'), torrents: 2 });
      expect((await catalog.seeders(all)).items).toEqual([{ ...seeder('a'), torrents: 2 }]);
      expect((await catalog.torrentsOf('a', all))?.items).toEqual([torrent(1), torrent(2)]);
      expect(await catalog.torrent(hash(1))).toEqual({ ...torrent(1), seeders: 1 });
      expect(await catalog.holds('a', hash(2))).toBe(true);
      expect(await catalog.holds('a', hash(3))).toBe(false);
    });

    test('put() replaces the list of the same id and says what it held', async () => {
      const catalog = await create();
      await catalog.put(seeder('a'), [torrent(1), torrent(2)]);
      const departures = await catalog.put(seeder('a', 5), [torrent(2), torrent(3)]);
      expect(departures).toEqual([
        { seeder: { ...seeder('a'), torrents: 2 }, torrents: [torrent(1), torrent(2)] },
      ]);
      expect(await infoHashesOf(catalog)).toEqual([hash(2), hash(3)]);
      expect(await catalog.torrent(hash(1))).toBeUndefined();
      expect((await catalog.seeders(all)).total).toBe(1);
    });

    test('put() replaces another seeder at the same address', async () => {
      const catalog = await create();
      await catalog.put(seeder('a'), [torrent(1)]);
      const departures = await catalog.put({ ...seeder('b'), address: seeder('a').address }, [torrent(2)]);
      expect(departures.map((departure) => departure.seeder.id)).toEqual(['a']);
      expect(await catalog.seeder('a')).toBeUndefined();
      expect(await infoHashesOf(catalog)).toEqual([hash(2)]);
    });

    test('put() of a claimed address replaces only what the same sender has claimed', async () => {
      const catalog = await create();
      const { address } = seeder('a');
      const claim = (id: string, claimedBy: string) => ({ ...seeder(id), address, claimedBy });
      await catalog.put(seeder('a'), [torrent(1)]);
      await expect(catalog.put(claim('b', '10.0.0.2'), [torrent(2)])).rejects.toMatchObject({
        code: 'ADDRESS_TAKEN',
        message: expect.stringContaining('10.0.0.1:97'),
      });
      expect(await infoHashesOf(catalog)).toEqual([hash(1)]);
      await catalog.remove('a');
      await catalog.put(claim('b', '10.0.0.2'), [torrent(2)]);
      await expect(catalog.put(claim('c', '10.0.0.3'), [])).rejects.toMatchObject({ code: 'ADDRESS_TAKEN' });
      await catalog.put(claim('d', '10.0.0.2'), [torrent(3)]);
      expect(await catalog.seederAt(address)).toEqual({ ...claim('d', '10.0.0.2'), torrents: 1 });
      await catalog.put(seeder('a'), [torrent(1)]);
      expect(idsOf((await catalog.seeders(all)).items)).toEqual(['a']);
    });

    test('holders() has a claimed address only while it is reachable there', async () => {
      const catalog = await create();
      await catalog.put(seeder('a'), [torrent(1)]);
      const claim = { ...seeder('b'), claimedBy: '10.0.0.2' };
      await catalog.put(claim, [torrent(1)]);
      expect(idsOf(await catalog.holders(hash(1), 10))).toEqual(['a']);
      await catalog.setReachable('b', true);
      await catalog.setReachable('nobody', true);
      expect(await catalog.holders(hash(1), 10)).toEqual([
        { ...seeder('a'), torrents: 1 },
        { ...claim, torrents: 1, isReachable: true },
      ]);
      // A new list at the same address changes nothing.
      await catalog.put({ ...claim, seenAt: 1 }, [torrent(1), torrent(2)]);
      expect(idsOf(await catalog.holders(hash(1), 10))).toEqual(['a', 'b']);
      await catalog.put({ ...claim, address: { host: '10.9.9.9', port: 1 } }, [torrent(1)]);
      expect(idsOf(await catalog.holders(hash(1), 10))).toEqual(['a']);
      await catalog.setReachable('a', false);
      expect((await catalog.seeder('a'))?.isReachable).toBe(false);
    });

    test('put() frees the address that a seeder moved away from', async () => {
      const catalog = await create();
      await catalog.put(seeder('a'), []);
      await catalog.put({ ...seeder('a'), address: { host: '10.9.9.9', port: 1 } }, []);
      expect(await catalog.put({ ...seeder('b'), address: seeder('a').address }, [])).toEqual([]);
      expect((await catalog.seeders(all)).total).toBe(2);
    });

    test('renew() keeps a seeder from expiring, and expire() forgets the others', async () => {
      const catalog = await create();
      await catalog.put(seeder('a', 10), [torrent(1)]);
      await catalog.put(seeder('b', 10), [torrent(1), torrent(2)]);
      expect(await catalog.renew('a', 20)).toEqual([torrent(1)]);
      expect(await catalog.renew('c', 20)).toBeUndefined();
      expect(await catalog.expire(10)).toEqual([]);
      const departures = await catalog.expire(11);
      expect(departures.map((departure) => departure.seeder.id)).toEqual(['b']);
      expect(departures[0]!.torrents).toEqual([torrent(1), torrent(2)]);
      expect(await infoHashesOf(catalog)).toEqual([hash(1)]);
      expect((await catalog.seeder('a'))?.seenAt).toBe(20);
    });

    test('remove() forgets a seeder once', async () => {
      const catalog = await create();
      await catalog.put(seeder('a'), [torrent(1)]);
      expect((await catalog.remove('a'))?.torrents).toEqual([torrent(1)]);
      expect(await catalog.remove('a')).toBeUndefined();
      expect((await catalog.find({}, all)).total).toBe(0);
    });

    test('find() matches name, size and SHA-256 exactly, together or alone', async () => {
      const catalog = await create();
      const [one, two] = [torrent(1), { ...torrent(2), name: 'one', sha256: 'c'.repeat(64) }];
      await catalog.put(seeder('a'), [{ ...one, name: 'one' }, two]);
      const find = async (query: Parameters<Catalog['find']>[0]) =>
        (await catalog.find(query, all)).items.map(({ infoHash }) => infoHash);
      expect(await find({})).toEqual([hash(1), hash(2)]);
      expect(await find({ name: 'one' })).toEqual([hash(1), hash(2)]);
      expect(await find({ name: 'one', size: two.size })).toEqual([hash(2)]);
      expect(await find({ size: one.size })).toEqual([hash(1)]);
      expect(await find({ sha256: two.sha256 })).toEqual([hash(2)]);
      expect(await find({ sha256: two.sha256, name: 'two' })).toEqual([]);
      expect(await find({ name: 'ONE' })).toEqual([]);
    });

    test('find() by id has files by their SHA-256 and folders by their content id, in the order of registering', async () => {
      const catalog = await create();
      const [id, other] = ['c'.repeat(64), 'd'.repeat(64)];
      const folder = (number: number, contentId?: string): StoredTorrent => {
        const { sha256: _, ...described } = torrent(number);
        return { ...described, ...(contentId !== undefined && { contentId }), files: number };
      };
      const list: readonly StoredTorrent[] = [
        folder(1, id),
        { ...torrent(2), sha256: id },
        folder(3, id),
        folder(4, other),
        { ...torrent(5), sha256: other, name: 'five' },
        { ...folder(6), files: 400_000 },
        { ...folder(7, id), name: 'seven' },
      ];
      await catalog.put(seeder('a'), list);
      const listed = list.map((each) => ({ ...each, seeders: 1 }));
      const [one, two, three, four, five, six, seven] = listed;
      expect((await catalog.torrentsOf('a', all))?.items).toEqual(list);
      expect((await catalog.find({}, all)).items).toEqual(listed);
      expect(await catalog.find({ id }, all)).toMatchObject({ items: [one, two, three, seven], total: 4 });
      expect(await catalog.find({ id: other }, all)).toMatchObject({ items: [four, five], total: 2 });
      expect((await catalog.find({ id, size: 3000 }, all)).items).toEqual([three]);
      expect((await catalog.find({ id, name: 'seven' }, all)).items).toEqual([seven]);
      expect((await catalog.find({ id: other, name: 'five' }, all)).items).toEqual([five]);
      expect((await catalog.find({ id, sha256: id }, all)).items).toEqual([two]);
      // A content id is no SHA-256 of a file.
      expect((await catalog.find({ sha256: id }, all)).items).toEqual([two]);
      expect((await catalog.find({ id: 'e'.repeat(64) }, all)).items).toEqual([]);
      const first = await catalog.find({ id }, { limit: 2 });
      expect(first).toMatchObject({ items: [one, two], total: 4 });
      expect(await catalog.find({ id }, { limit: 2, after: first.next })).toMatchObject({
        items: [three, seven],
        total: 4,
      });
      await catalog.put(seeder('a'), [six!]);
      expect((await catalog.find({ id }, all)).total).toBe(0);
    });

    test('find() by the second info-hash has the hybrids with it', async () => {
      const catalog = await create();
      const hybrid = (number: number, v2: number) => ({ ...torrent(number), infoHashV2: hash(v2) });
      const list = [hybrid(1, 11), torrent(11), hybrid(2, 12), { ...hybrid(3, 11), name: 'three' }];
      await catalog.put(seeder('a'), list);
      const found = async (query: Parameters<Catalog['find']>[0]) =>
        (await catalog.find(query, all)).items.map(({ infoHash }) => infoHash);
      expect(await found({ infoHashV2: hash(11) })).toEqual([hash(1), hash(3)]);
      expect(await found({ infoHashV2: hash(11), name: 'three' })).toEqual([hash(3)]);
      expect(await found({ infoHashV2: hash(1) })).toEqual([]);
      await catalog.put(seeder('a'), [torrent(1)]);
      expect(await found({ infoHashV2: hash(11) })).toEqual([]);
    });

    test('a torrent is listed once for each description, with all who hold it', async () => {
      const catalog = await create();
      const lie = { ...torrent(1), sha256: 'f'.repeat(64) };
      await catalog.put(seeder('a'), [lie]);
      await catalog.put(seeder('b'), [torrent(1)]);
      await catalog.put(seeder('c'), [torrent(1)]);
      expect((await catalog.find({}, all)).items).toEqual([
        { ...lie, seeders: 3 },
        { ...torrent(1), seeders: 3 },
      ]);
      expect(await catalog.torrent(hash(1))).toEqual({ ...torrent(1), seeders: 3 });
      const holders = await catalog.holders(hash(1), 2);
      expect(holders.map(({ id }) => id)).toEqual(['a', 'b']);
    });

    test('pages have everything once, in order', async () => {
      const catalog = await create();
      const torrents = Array.from({ length: 7 }, (_, at) => torrent(at));
      for (let at = 0; at < 7; at += 1) {
        await catalog.put({ ...seeder(`s${at}`), address: { host: '10.1.1.1', port: at + 1 } }, torrents);
      }
      const walks = [
        collect((page) =>
          catalog.seeders(page).then(({ items, ...rest }) => ({ ids: idsOf(items), ...rest })),
        ),
        collect((page) =>
          catalog.find({}, page).then(({ items, ...rest }) => ({ ids: hashesOf(items), ...rest })),
        ),
        collect((page) =>
          catalog.torrentsOf('s0', page).then((found) => ({ ...found!, ids: hashesOf(found!.items) })),
        ),
      ];
      const [seeders, found, held] = await Promise.all(walks);
      expect(seeders).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
      expect(found).toEqual(hashesOf(torrents));
      expect(held).toEqual(hashesOf(torrents));
      expect(await catalog.torrentsOf('nobody', all)).toBeUndefined();
    });

    test('put() keeps the place of a seeder that it knows', async () => {
      const catalog = await create();
      await catalog.put(seeder('a'), []);
      await catalog.put(seeder('b'), []);
      await catalog.put(seeder('a'), [torrent(1)]);
      expect(idsOf((await catalog.seeders(all)).items)).toEqual(['a', 'b']);
    });

    test('metainfo is kept while someone holds the torrent', async () => {
      const catalog = await create();
      const bytes = Uint8Array.of(1, 2, 3);
      expect(await catalog.addMetainfo(hash(1), bytes)).toBe(false);
      await catalog.put(seeder('a'), [torrent(1), torrent(2)]);
      expect(await catalog.addMetainfo(hash(1), bytes)).toBe(true);
      await catalog.put(seeder('b'), [torrent(1)]);
      await catalog.put(seeder('b'), [{ ...torrent(1), name: 'other' }]);
      await catalog.remove('a');
      expect(await catalog.metainfo(hash(1))).toEqual(bytes);
      expect(await catalog.withoutMetainfo([hash(1), hash(2)])).toEqual([hash(2)]);
      await catalog.remove('b');
      expect(await catalog.metainfo(hash(1))).toBeUndefined();
    });

    test('addMetainfo() copies the bytes and keeps what is there', async () => {
      const catalog = await create();
      const bytes = Uint8Array.of(1);
      await catalog.put(seeder('a'), [torrent(1)]);
      await catalog.addMetainfo(hash(1), bytes);
      bytes[0] = 9;
      await catalog.addMetainfo(hash(1), Uint8Array.of(2));
      expect(await catalog.metainfo(hash(1))).toEqual(Uint8Array.of(1));
    });

    test('addMetainfo() replaces what seeders said of the content by what the metainfo proves', async () => {
      const catalog = await create();
      const { sha256: _, ...described } = torrent(1);
      const [id, lie] = ['c'.repeat(64), 'd'.repeat(64)];
      const truth = { ...described, contentId: id, files: 3 };
      const claims: readonly StoredTorrent[] = [
        { ...described, contentId: lie, files: 3 },
        torrent(1),
        described,
        truth,
      ];
      for (const [at, claim] of claims.entries())
        await catalog.put(seeder('abcd'[at]!), [torrent(2), claim, torrent(3)]);
      expect((await catalog.find({ id: lie }, all)).total).toBe(1);
      expect(await catalog.addMetainfo(hash(1), Uint8Array.of(1), undefined, truth)).toBe(true);
      const listed = { ...truth, seeders: 4 };
      expect((await catalog.find({ id: lie }, all)).total).toBe(0);
      expect((await catalog.find({ sha256: torrent(1).sha256 }, all)).total).toBe(0);
      expect((await catalog.find({ id }, all)).items).toEqual([listed]);
      expect((await catalog.find({ name: truth.name }, all)).items).toEqual([listed]);
      expect(await catalog.torrent(hash(1))).toEqual(listed);
      for (const id of 'abcd') {
        expect((await catalog.torrentsOf(id, all))?.items).toEqual([torrent(2), truth, torrent(3)]);
        expect(await catalog.renew(id, 1)).toEqual([torrent(2), truth, torrent(3)]);
      }
      expect(await catalog.metainfo(hash(1))).toEqual(Uint8Array.of(1));
      for (const id of 'abcd') await catalog.remove(id);
      expect((await catalog.find({}, all)).total).toBe(0);
    });

    test('put() lists the content that the metainfo has proven, whatever the seeder says', async () => {
      const catalog = await create();
      const { sha256: _, ...described } = torrent(1);
      const truth = { ...described, contentId: 'c'.repeat(64), files: 3 };
      await catalog.put(seeder('a'), [described, torrent(2)]);
      await catalog.addMetainfo(hash(1), Uint8Array.of(1), undefined, truth);
      await catalog.addMetainfo(hash(2), Uint8Array.of(2), undefined, {});
      await catalog.put(seeder('b'), [
        { ...described, contentId: 'd'.repeat(64), files: 7 },
        { ...torrent(2), sha256: 'e'.repeat(64) },
      ]);
      const { sha256: __, ...file } = torrent(2);
      await catalog.put(seeder('c'), [torrent(1), { ...file, contentId: 'd'.repeat(64), files: 1 }]);
      await catalog.remove('a');
      expect((await catalog.find({ name: truth.name }, all)).items).toEqual([{ ...truth, seeders: 2 }]);
      expect((await catalog.find({ id: 'd'.repeat(64) }, all)).total).toBe(0);
      // The metainfo of a file does not say which SHA-256 is right.
      expect((await catalog.find({ name: file.name }, all)).items).toEqual([
        { ...file, sha256: 'e'.repeat(64), seeders: 2 },
        { ...file, seeders: 2 },
      ]);
    });

    test('addMetainfo() refuses what does not fit, until something is given up', async () => {
      const catalog = await create({ maxCatalogBytes: 3 });
      await catalog.put(seeder('a'), [torrent(1), torrent(2)]);
      await catalog.addMetainfo(hash(1), new Uint8Array(2));
      await expect(catalog.addMetainfo(hash(2), new Uint8Array(2))).rejects.toMatchObject({
        code: 'TOO_MUCH_METAINFO',
      });
      await catalog.put(seeder('a'), [torrent(2)]);
      expect(await catalog.addMetainfo(hash(2), new Uint8Array(2))).toBe(true);
    });

    test('put() refuses a seeder too many but not one that replaces another', async () => {
      const catalog = await create({ maxSeeders: 1 });
      await catalog.put(seeder('a'), []);
      await expect(catalog.put(seeder('b'), [])).rejects.toMatchObject({ code: 'TOO_MANY_SEEDERS' });
      await catalog.put(seeder('a'), [torrent(1)]);
      await catalog.put({ ...seeder('b'), address: seeder('a').address }, []);
      expect(idsOf((await catalog.seeders(all)).items)).toEqual(['b']);
    });

    test('put() refuses a list that does not fit and changes nothing', async () => {
      const catalog = await create({ maxHoldings: 2 });
      await catalog.put(seeder('a'), [torrent(1)]);
      await expect(catalog.put(seeder('a'), [torrent(2), torrent(3), torrent(4)])).rejects.toMatchObject({
        code: 'TOO_MANY_TORRENTS',
      });
      expect(await infoHashesOf(catalog)).toEqual([hash(1)]);
      await catalog.put(seeder('a'), [torrent(2), torrent(3)]);
    });

    test('put() refuses a stranger more seeders than its share, whatever addresses it names, and nobody else', async () => {
      const catalog = await create({ maxSeedersPerAddress: 2 });
      const at = (id: string, host: string, claimedBy?: string) => ({
        ...seeder(id),
        address: { host, port: id.charCodeAt(0) },
        ...(claimedBy !== undefined && { claimedBy }),
      });
      const mine = [
        ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
        ['2001:db8:1::1', '2001:db8:1:2::1', '2001:db8:1:ffff::1'],
        ['127.0.0.1', '127.0.0.2', '::1'],
      ] as const;
      for (const [one, two, three] of mine) {
        await catalog.put(at('a', one), [torrent(1)]);
        await catalog.put(at('b', two), [torrent(1)]);
        await expect(catalog.put(at('c', three), [])).rejects.toMatchObject({
          code: 'TOO_MANY_SEEDERS',
          message: expect.stringContaining('tracker.maxSeedersPerAddress'),
        });
        await catalog.put(at('d', '192.0.2.2'), []);
        await catalog.put(at('d', '2001:db8:2::1'), []);
        // A known seeder comes back, and a token lifts the limit for its owner alone.
        await catalog.put({ ...at('e', two), address: at('b', two).address }, [torrent(2)]);
        await catalog.put(at('c', three), [], true);
        await expect(catalog.put(at('f', three), [])).rejects.toMatchObject({ code: 'TOO_MANY_SEEDERS' });
        for (const id of ['a', 'c', 'd']) await catalog.remove(id);
        await catalog.put(at('f', three), []);
        for (const id of ['e', 'f']) await catalog.remove(id);
      }
      await catalog.put(at('a', '10.0.0.1', '10.0.0.9'), []);
      await catalog.put(at('b', '10.0.0.2', '10.0.0.9'), []);
      await expect(catalog.put(at('c', '10.0.0.3', '10.0.0.9'), [])).rejects.toThrow('of this address');
      await catalog.put(at('c', '10.0.0.3'), []);
      // A seeder that moves takes its place in the share with it.
      await catalog.put(at('b', '10.0.0.4'), []);
      await catalog.put(at('d', '10.0.0.5', '10.0.0.9'), []);
    });

    test('put() refuses a stranger more torrents than its share, and changes nothing', async () => {
      const catalog = await create({ maxHoldingsPerAddress: 3 });
      const other = { ...seeder('z'), address: { host: '10.0.0.2', port: 1 } };
      await catalog.put(seeder('a'), [torrent(1), torrent(2)]);
      await catalog.put(seeder('b'), [torrent(1)]);
      await expect(catalog.put(seeder('b'), [torrent(3), torrent(4)])).rejects.toMatchObject({
        code: 'TOO_MANY_TORRENTS',
        message: expect.stringContaining('tracker.maxHoldingsPerAddress'),
      });
      await expect(catalog.put(seeder('c'), [torrent(1)])).rejects.toMatchObject({
        code: 'TOO_MANY_TORRENTS',
      });
      expect(await infoHashesOf(catalog)).toEqual([hash(1), hash(2)]);
      await catalog.put(other, [torrent(1), torrent(2), torrent(3)]);
      await catalog.put(seeder('b'), [torrent(3), torrent(4)], true);
      await catalog.put(seeder('b'), [torrent(3)]);
      await catalog.put(seeder('a'), [torrent(2)]);
      await catalog.put(seeder('c'), [torrent(1)]);
      await catalog.expire(1);
      await catalog.put(seeder('d'), [torrent(1), torrent(2), torrent(3)]);
    });
  });
}

function hash(number: number): InfoHash {
  return parseInfoHash(number.toString(16).padStart(40, '0'));
}

function torrent(number: number): StoredTorrent {
  return {
    infoHash: hash(number),
    name: `file-${number}`,
    size: number * 1000,
    sha256: number.toString(16).padStart(64, '0'),
  };
}

function seeder(id: string, seenAt = 0): NewSeeder {
  return {
    id,
    address: { host: '10.0.0.1', port: id.charCodeAt(0) },
    peerId: new Uint8Array(20),
    tokenHash: new Uint8Array(32),
    registeredAt: 0,
    seenAt,
  };
}

async function infoHashesOf(catalog: Catalog): Promise<string[]> {
  return hashesOf((await catalog.find({}, all)).items);
}

function hashesOf(torrents: readonly { readonly infoHash: string }[]): string[] {
  return torrents.map(({ infoHash }) => infoHash);
}

function idsOf(seeders: readonly NewSeeder[]): string[] {
  return seeders.map(({ id }) => id);
}

/** Walks through pages of three. */
async function collect(
  turn: (page: { limit: number; after?: string }) => Promise<{ ids: string[]; total: number; next?: string }>,
): Promise<string[]> {
  const collected: string[] = [];
  for (let after: string | undefined; ; ) {
    const { ids, total, next } = await turn({ limit: 3, ...(after !== undefined && { after }) });
    expect(total).toBe(7);
    collected.push(...ids);
    if (next === undefined) return collected;
    after = next;
  }
}
