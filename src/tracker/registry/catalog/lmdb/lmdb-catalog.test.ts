import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { open as openLmdb } from 'lmdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCatalog } from '../../../../../test/conformance/catalog.ts';
import { FakeClock } from '../../../../../test/support/index.ts';
import { parseInfoHash } from '../../../../util/index.ts';
import { type Catalog, CatalogFullError, type NewSeeder, type StoredTorrent } from '../catalog.ts';
import { MemoryCatalog } from '../memory/index.ts';
import { type ProvenContent, withContent } from '../proven-content.ts';
import { LmdbCatalog, type LmdbCatalogOptions } from './lmdb-catalog.ts';

let folder: string;
let files = 0;
const newPath = (): string => join(folder, `${(files += 1)}.lmdb`);
/** The catalogs of the conformance suite, which closes none. */
const opened: LmdbCatalog[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-catalog-'));
});
afterAll(async () => {
  for (const catalog of opened) await catalog.close();
  await rm(folder, { recursive: true });
});

/** Opens the catalog for another run of a tracker, whose clock starts anew. */
function open(path: string, options: Partial<LmdbCatalogOptions> = {}): Promise<LmdbCatalog> {
  return LmdbCatalog.open({
    path,
    clock: new FakeClock(),
    toWallTime: (at) => 1e12 + at,
    report: (error) => {
      throw error;
    },
    ...options,
  });
}

describeCatalog('LmdbCatalog', async (limits) => {
  const catalog = await open(newPath(), limits);
  opened.push(catalog);
  return catalog;
});

describe('a restart', () => {
  test('brings back seeders with their tokens, torrents and metainfo', async () => {
    const path = newPath();
    const first = await open(path);
    const known = { ...seeder(1), peerId: Buffer.alloc(20, 7), tokenHash: Buffer.alloc(32, 9) };
    const hybrid = {
      ...torrent(2),
      infoHashV2: torrent(3).infoHash,
      name: 'ein Städtchen \u0000/"\ud83d\ude00',
    };
    await first.put(known, [torrent(1), hybrid]);
    await first.addMetainfo(torrent(1).infoHash, Buffer.from('metainfo'));
    await first.close();

    const second = await open(path);
    expect(await second.seeder(known.id)).toEqual({ ...known, seenAt: 0, torrents: 2 });
    expect((await second.torrentsOf(known.id, all))!.items).toEqual([torrent(1), hybrid]);
    expect(Buffer.from((await second.metainfo(torrent(1).infoHash))!).toString()).toBe('metainfo');
    expect(await second.withoutMetainfo([torrent(1).infoHash, hybrid.infoHash])).toEqual([hybrid.infoHash]);
    await second.close();
  });

  test('brings back the content that metainfo has proven, in place of what a seeder had said', async () => {
    const path = newPath();
    const first = await open(path);
    const { sha256: _, ...described } = torrent(1);
    const truth = { ...described, contentId: 'c'.repeat(64), files: 3 };
    await first.put(seeder(1), [torrent(2), { ...truth, contentId: 'd'.repeat(64) }]);
    await first.addMetainfo(truth.infoHash, Buffer.from('metainfo'), undefined, truth);
    await first.put(seeder(2), [{ ...truth, files: 9 }]);
    await first.close();

    const second = await open(path);
    expect((await second.torrentsOf(seeder(1).id, all))!.items).toEqual([torrent(2), truth]);
    expect((await second.find({ id: truth.contentId }, all)).items).toEqual([{ ...truth, seeders: 2 }]);
    expect(await second.withoutMetainfo([truth.infoHash])).toEqual([]);
    await second.put(seeder(3), [{ ...truth, contentId: 'e'.repeat(64) }]);
    expect((await second.find({ name: truth.name }, all)).items).toEqual([{ ...truth, seeders: 3 }]);
    await second.close();
  });

  test('counts as the time a seeder was last seen, and keeps the time at which it registered', async () => {
    const path = newPath();
    const first = await open(path, { toWallTime: (at) => 1e12 + at });
    await first.put({ ...seeder(1), registeredAt: 5000, seenAt: 6000, claimedBy: '10.0.0.9' }, []);
    await first.close();

    const clock = new FakeClock();
    clock.advance(300);
    const second = await open(path, { clock, toWallTime: (at) => 1e12 + 3_600_000 + at });
    expect(await second.seeder(seeder(1).id)).toMatchObject({
      registeredAt: 5000 - 3_600_000,
      seenAt: 300,
      claimedBy: '10.0.0.9',
    });
    expect(await second.expire(300)).toEqual([]);
    expect([second.takeResumed(), second.takeResumed()]).toEqual([true, false]);
    expect(await second.expire(301)).toHaveLength(1);
    await second.close();
    const third = await open(path);
    expect(third.takeResumed()).toBe(false);
    expect((await third.seeders(all)).total).toBe(0);
    await third.close();
  });

  test('gives seeders their whole time to renew from the moment it has read all of them', async () => {
    const path = newPath();
    const first = await open(path);
    for (let number = 1; number <= 50; number += 1) await first.put(seeder(number), [torrent(number)]);
    await first.close();

    const clock = new FakeClock();
    const slow = {
      now: () => {
        clock.advance(1);
        return clock.now();
      },
      setTimer: clock.setTimer.bind(clock),
    };
    const second = await open(path, { clock: slow });
    expect((await second.seeder(seeder(1).id))?.seenAt).toBeGreaterThan(50);
    await second.close();
  });

  test('keeps what is beyond limits that have been lowered', async () => {
    const path = newPath();
    const first = await open(path);
    for (const number of [1, 2, 3]) await first.put(seeder(number), [torrent(number)]);
    await first.addMetainfo(torrent(1).infoHash, new Uint8Array(10));
    await first.close();
    const second = await open(path, { maxSeeders: 1, maxHoldings: 1, maxCatalogBytes: 1 });
    expect((await second.seeders(all)).total).toBe(3);
    expect(await second.metainfo(torrent(1).infoHash)).toHaveLength(10);
    await expect(second.put(seeder(4), [])).rejects.toThrow(CatalogFullError);
    await second.close();
  });

  test('counts again what each address has, also beyond its share', async () => {
    const path = newPath();
    const first = await open(path);
    await first.put(seeder(1), [torrent(1), torrent(2)]);
    await first.put(seeder(2), [torrent(2), torrent(3)]);
    await first.addMetainfo(torrent(1).infoHash, new Uint8Array(10));
    await first.close();
    const limits = { maxSeedersPerAddress: 1, maxHoldingsPerAddress: 3, maxCatalogBytesPerAddress: 10 };
    const second = await open(path, limits);
    expect((await second.seeders(all)).total).toBe(2);
    await expect(second.put(seeder(3), [])).rejects.toThrow('of this address');
    await expect(second.put(seeder(1), [1, 2, 4].map(torrent))).rejects.toThrow('have 2, and 3 are');
    const by = { id: seeder(2).id, isTrusted: false };
    await expect(second.addMetainfo(torrent(2).infoHash, new Uint8Array(1), by)).rejects.toThrow(
      '10 of the 10',
    );
    await second.put({ ...seeder(4), address: { host: '192.0.2.9', port: 1 } }, [torrent(1)]);
    await second.close();
  });

  test('finds what a catalog that was never restarted has, whatever happened before', async () => {
    const path = newPath();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await rm(path, { force: true });
        await rm(`${path}-lock`, { force: true });
        const model = new MemoryCatalog();
        let catalog = await open(path);
        for (const [at, step] of steps.entries()) {
          if (step.do === 'restart') {
            await catalog.close();
            catalog = await open(path);
          } else {
            await apply(model, step, at);
            await apply(catalog, step, at);
          }
        }
        expect(await contentsOf(catalog)).toEqual(await contentsOf(model));
        await catalog.close();
        catalog = await open(path);
        expect(await contentsOf(catalog)).toEqual(await contentsOf(model));
        await catalog.close();
      }),
      { numRuns: 60 },
    );
  });
});

test('a call that comes after close() does no harm', async () => {
  const path = newPath();
  const catalog = await open(path);
  await catalog.put(seeder(1), [torrent(1)]);
  await catalog.addMetainfo(torrent(1).infoHash, new Uint8Array(1));
  await catalog.close();
  expect(await catalog.put(seeder(2), [])).toEqual([]);
  expect(await catalog.metainfo(torrent(1).infoHash)).toBeUndefined();
  const again = await open(path);
  expect((await again.seeders(all)).total).toBe(1);
  await again.close();
});

/** The flag of a value that has a tree of its own, which LMDB refuses to change as a plain value. */
const SUB_DATABASE = 2;
/** The number of bytes from the flags of a node to its key. */
const FLAGS_BEFORE_KEY = 4;

/** Damages a file so that a value can be read, and neither written nor deleted. */
async function makeUnwritable(path: string, key: string): Promise<void> {
  const bytes = await readFile(path);
  for (let at = bytes.indexOf(key); at !== -1; at = bytes.indexOf(key, at + 1)) {
    bytes[at - FLAGS_BEFORE_KEY]! |= SUB_DATABASE;
  }
  // The file is changed in place, so that a process that has it open sees it.
  await writeFile(path, bytes, { flag: 'r+' });
}

describe('a catalog that cannot be written because it is damaged', () => {
  test('is moved away, told once, and one with all seeders is begun in its place', async () => {
    const path = newPath();
    const told: string[] = [];
    const catalog = await open(path, {
      report: ({ message }, context) => told.push(`${context}: ${message}`),
    });
    for (const number of [1, 2, 3]) await catalog.put(seeder(number), [torrent(number)]);
    await catalog.addMetainfo(torrent(2).infoHash, Buffer.from('metainfo'));
    await catalog.flush();
    await makeUnwritable(path, `seeder/${seeder(1).id}`);
    await catalog.remove(seeder(1).id);
    await catalog.addMetainfo(torrent(3).infoHash, Buffer.from('newer'));
    await catalog.flush();
    expect(told).toEqual([expect.stringMatching(`^save the catalog: .*MDB_INCOMPATIBLE.*${path}.damaged`)]);
    // Seeders are asked for metainfo that only the damaged file had.
    const both = [torrent(2).infoHash, torrent(3).infoHash];
    expect(await catalog.withoutMetainfo(both)).toEqual([torrent(2).infoHash]);
    await catalog.put(seeder(4), [torrent(4)]);
    await catalog.close();
    expect(told).toHaveLength(1);
    const again = await open(path);
    const { items } = await again.seeders(all);
    expect(items.map(({ id }) => id)).toEqual([2, 3, 4].map((number) => seeder(number).id));
    expect((await again.torrentsOf(seeder(2).id, all))!.items).toEqual([torrent(2)]);
    expect(Buffer.from((await again.metainfo(torrent(3).infoHash))!).toString()).toBe('newer');
    await again.close();
    expect((await stat(`${path}.damaged`)).size).toBeGreaterThan(0);
  });

  test('is replaced at the start when a key is no longer in its place, and keeps all other seeders', async () => {
    const path = newPath();
    const catalog = await open(path);
    for (const number of [1, 2, 3]) await catalog.put(seeder(number), [torrent(number)]);
    await catalog.close();
    const bytes = await readFile(path);
    const key = `seeder/${seeder(2).id}`;
    // The last letter becomes one that is behind all others.
    for (let at = bytes.indexOf(key); at !== -1; at = bytes.indexOf(key, at + 1))
      bytes[at + key.length - 1]! ^= 64;
    await writeFile(path, bytes);
    const told: string[] = [];
    const again = await open(path, { report: ({ message }) => told.push(message) });
    await again.flush();
    expect(told).toEqual([
      expect.stringMatching(/damaged at seeder\/seederr, which is dropped/),
      expect.stringMatching(`keys are not in order.*moved to ${path}.damaged`),
    ]);
    await again.close();
    const third = await open(path);
    expect((await third.seeders(all)).items.map(({ id }) => id)).toEqual([seeder(1).id, seeder(3).id]);
    await third.close();
  });
});

describe('LmdbCatalog.open()', () => {
  test.each([
    ['text', 'something else'],
    ['zeros', Buffer.alloc(100_000)],
    ['a single byte', 'x'],
  ])('open() refuses a file of %s and leaves it alone', async (_what, bytes) => {
    const path = newPath();
    await writeFile(path, bytes);
    await expect(open(path)).rejects.toMatchObject({ code: 'BAD_STATE', message: /is no catalog/ });
    expect((await stat(path)).size).toBe(bytes.length);
  });

  test('open() takes a file that a process left which was killed when it had just made it', async () => {
    const path = newPath();
    await writeFile(path, Buffer.alloc(65_536));
    const catalog = await open(path);
    await catalog.put(seeder(1), []);
    await catalog.close();
  });

  test('open() refuses another program’s LMDB file, and that of another version', async () => {
    const path = newPath();
    const other = openLmdb({ path, encoding: 'binary' });
    await other.put('key', Buffer.from('value'));
    await other.close();
    await expect(open(path)).rejects.toMatchObject({ code: 'BAD_STATE', message: /holds something else/ });
    const next = openLmdb({ path, encoding: 'binary' });
    await next.put('format', Buffer.from('shoal catalog 2'));
    await next.close();
    await expect(open(path)).rejects.toMatchObject({ code: 'BAD_STATE', message: /holds “shoal catalog 2”/ });
  });

  test('open() refuses a file that has lost its end', async () => {
    const path = newPath();
    const catalog = await open(path);
    await catalog.put(
      seeder(1),
      Array.from({ length: 10_000 }, (_, at) => torrent(at)),
    );
    await catalog.close();
    for (const size of [500_000, 8192, 5000, 100]) {
      await truncate(path, size);
      await expect(open(path)).rejects.toMatchObject({ code: size < 200 ? 'BAD_STATE' : 'DAMAGED_STATE' });
    }
  });

  /** Flips a bit of a value. */
  async function flip(path: string, key: string, at: number): Promise<void> {
    const file = openLmdb<Buffer, string>({ path, encoding: 'binary' });
    const bytes = file.get(key)!;
    bytes[at]! ^= 1;
    await file.put(key, bytes);
    await file.close();
  }

  test.each([0, 40])('open() drops a seeder of which byte %i has changed, and tells it', async (at) => {
    const path = newPath();
    const catalog = await open(path);
    await catalog.put(seeder(1), []);
    await catalog.put(seeder(2), [torrent(2)]);
    await catalog.close();
    await flip(path, `seeder/${seeder(1).id}`, at);
    const told: string[] = [];
    const again = await open(path, { report: ({ message }) => told.push(message) });
    expect(told).toEqual([expect.stringContaining(`damaged at seeder/${seeder(1).id}`)]);
    expect((await again.seeders(all)).items).toMatchObject([{ id: seeder(2).id }]);
    await again.put(seeder(1), []);
    await again.close();
    const third = await open(path);
    expect((await third.seeders(all)).total).toBe(2);
    await third.close();
  });

  test.each([0, 32, 35])('open() drops a metainfo of which byte %i has changed, and tells it', async (at) => {
    const path = newPath();
    const catalog = await open(path);
    const [{ infoHash }, other] = [torrent(1), torrent(2)];
    await catalog.put(seeder(1), [torrent(1), other]);
    for (const each of [infoHash, other.infoHash]) await catalog.addMetainfo(each, Buffer.from('metainfo'));
    await catalog.close();
    await flip(path, `checked-metainfo/${infoHash}`, at);
    const told: string[] = [];
    const again = await open(path, { report: ({ message }) => told.push(message) });
    expect(told).toEqual([expect.stringContaining(`damaged at checked-metainfo/${infoHash}`)]);
    expect(await again.withoutMetainfo([infoHash, other.infoHash])).toEqual([infoHash]);
    expect(await again.metainfo(infoHash)).toBeUndefined();
    await again.addMetainfo(infoHash, Buffer.from('metainfo'));
    await again.close();
    const third = await open(path);
    expect(Buffer.from((await third.metainfo(infoHash))!).toString()).toBe('metainfo');
    await third.close();
  });

  test('metainfo() gives nothing that changed while the catalog was open, and takes it again', async () => {
    const path = newPath();
    const told: string[] = [];
    const catalog = await open(path, { report: ({ message }) => told.push(message) });
    const { infoHash } = torrent(1);
    await catalog.put(seeder(1), [torrent(1)]);
    await catalog.addMetainfo(infoHash, Buffer.from('metainfo'));
    await catalog.flush();
    await flip(path, `checked-metainfo/${infoHash}`, 35);
    expect(await catalog.metainfo(infoHash)).toBeUndefined();
    expect(told).toHaveLength(1);
    expect(await catalog.withoutMetainfo([infoHash])).toEqual([infoHash]);
    await catalog.addMetainfo(infoHash, Buffer.from('metainfo'));
    expect(Buffer.from((await catalog.metainfo(infoHash))!).toString()).toBe('metainfo');
    await catalog.close();
  });

  test('open() drops metainfo that an earlier version wrote without a digest', async () => {
    const path = newPath();
    const catalog = await open(path);
    await catalog.put(seeder(1), [torrent(1)]);
    await catalog.close();
    const file = openLmdb<Buffer, string>({ path, encoding: 'binary' });
    await file.put(`metainfo/${torrent(1).infoHash}`, Buffer.from('metainfo'));
    await file.close();
    const again = await open(path);
    expect(await again.withoutMetainfo([torrent(1).infoHash])).toEqual([torrent(1).infoHash]);
    await again.close();
    const left = openLmdb<Buffer, string>({ path, encoding: 'binary' });
    expect([...left.getKeys()].filter((key) => key.includes('metainfo'))).toEqual([]);
    await left.close();
  });

  test('open() says what to do about a folder that is not there, and one in the file’s place', async () => {
    const missing = join(folder, 'missing', 'catalog.lmdb');
    await expect(open(missing)).rejects.toMatchObject({ code: 'CANNOT_KEEP_STATE', message: /ENOENT/ });
    await expect(open(folder)).rejects.toMatchObject({ code: 'CANNOT_KEEP_STATE', message: /EISDIR/ });
  });
});

const all = { limit: 1000 };

function torrent(number: number): StoredTorrent {
  const hex = number.toString(16);
  return {
    infoHash: parseInfoHash(hex.padStart(40, '0')),
    name: `file-${number}`,
    size: number,
    sha256: hex.padStart(64, '0'),
  };
}

/** Registers at the millisecond of its number, as an id that nobody had before. */
function seeder(number: number, port = number): NewSeeder {
  return {
    id: `seeder${number}`,
    address: { host: '10.0.0.1', port },
    peerId: Buffer.alloc(20),
    tokenHash: Buffer.alloc(32),
    registeredAt: number,
    seenAt: 0,
  };
}

type Step =
  | { do: 'put'; port: number; torrents: number[]; claim: number }
  | { do: 'update'; seeder: number; torrents: number[]; claim: number }
  | { do: 'remove'; seeder: number }
  | { do: 'metainfo'; torrent: number }
  | { do: 'restart' };

const claim = fc.nat(2);
const torrents = fc.uniqueArray(fc.nat(8), { maxLength: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      port: fc.integer({ min: 1, max: 4 }),
      torrents,
      claim,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('metainfo' as const), torrent: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('update' as const), seeder: fc.nat(20), torrents, claim }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), seeder: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
);

async function apply(catalog: Catalog, step: Exclude<Step, { do: 'restart' }>, at: number): Promise<void> {
  switch (step.do) {
    case 'put':
      await catalog.put(seeder(at, step.port), claimed(step));
      return;
    case 'update': {
      const known = await catalog.seeder(seeder(step.seeder).id);
      if (known !== undefined) await catalog.put(known, claimed(step));
      return;
    }
    case 'remove':
      await catalog.remove(seeder(step.seeder).id);
      return;
    case 'metainfo':
      await catalog.addMetainfo(
        torrent(step.torrent).infoHash,
        Uint8Array.of(step.torrent),
        undefined,
        contentOf(step.torrent),
      );
  }
}

/** The content that the metainfo of a torrent proves: every other one is of a folder. */
function contentOf(number: number): ProvenContent {
  return number % 2 === 0 ? {} : { contentId: 'c'.repeat(64), files: number };
}

/** The torrents of a list as a seeder may describe them, rightly or not. */
function claimed({ torrents, claim }: { torrents: number[]; claim: number }): StoredTorrent[] {
  return torrents.map((number) => {
    if (claim === 0) return torrent(number);
    const content = claim === 1 ? contentOf(number) : { contentId: 'd'.repeat(64), files: 99 };
    return withContent(torrent(number), content);
  });
}

/** Reads the whole content of a catalog, without the order of torrents, which is that of registering. */
async function contentsOf(catalog: Catalog): Promise<unknown> {
  const seeders = (await catalog.seeders(all)).items;
  const found = (await catalog.find({}, all)).items;
  return {
    seeders: seeders.map(({ torrents, ...seeder }) => ({ ...seeder, seenAt: 0, torrents })),
    held: await Promise.all(seeders.map(async ({ id }) => (await catalog.torrentsOf(id, all))!.items)),
    found: found.map((listing) => JSON.stringify(listing)).sort(),
    metainfo: await Promise.all(
      Array.from({ length: 9 }, async (_, at) => (await catalog.metainfo(torrent(at).infoHash))?.[0]),
    ),
  };
}
