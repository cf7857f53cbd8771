import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { open as openLmdb } from 'lmdb';
import { describe, expect, test } from 'vitest';
import { FakeClock, tempFolder } from '../../../test/support/index.ts';
import { CloserStack, parseInfoHash, randomBelow, seededRandom } from '../../util/index.ts';
import { type Meta, readMeta } from '../registry/catalog/lmdb/index.ts';
import { MemorySwarmStore } from '../swarms/memory/index.ts';
import { StateFolder, tellsOfDamage } from './state-folder.ts';

const TORRENTS = 300;

/** Opens the state in a folder. @param told receives the reports */
function open(folder: string, told: string[]): Promise<StateFolder> {
  const clock = new FakeClock();
  return StateFolder.open({
    folder,
    store: new MemorySwarmStore({ peerTtl: 60_000, random: seededRandom(1) }),
    limits: {},
    clock,
    wallTime: () => clock.now(),
    toWallTime: (at) => 1e12 + at,
    report: (error) => told.push(`${tellsOfDamage(error) ? '' : 'no damage: '}${error.message}`),
  });
}

/** Closes the state as a tracker does: the part that was opened last comes first. */
async function close({ closers }: StateFolder): Promise<void> {
  const opened = new CloserStack();
  opened.add(...closers);
  await opened.close();
}

const infoHashOf = (number: number) => parseInfoHash(number.toString(16).padStart(40, '0'));
const metainfoOf = (number: number) => Buffer.alloc(50 + number * 20, number);

/** Registers a seeder with all torrents. */
async function register({ catalog }: StateFolder): Promise<void> {
  const torrents = Array.from({ length: TORRENTS }, (_, at) => ({
    infoHash: infoHashOf(at),
    name: `file-${at}`,
    size: at,
  }));
  const seeder = {
    id: 'seeder',
    address: { host: '10.0.0.1', port: 1 },
    peerId: Buffer.alloc(20),
    tokenHash: Buffer.alloc(32),
    registeredAt: 0,
    seenAt: 0,
  };
  await catalog.put(seeder, torrents);
  for (const { infoHash, size } of torrents) await catalog.addMetainfo(infoHash, metainfoOf(size));
}

const PAGE = 4096;

/** Writes a catalog. @returns its file, whose last transaction has changed next to nothing */
async function wholeCatalog(folder: string): Promise<Buffer> {
  const kept = await open(folder, []);
  await register(kept);
  await kept.catalog.flush();
  await kept.catalog.remove('nobody');
  const address = { host: '10.0.0.2', port: 2 };
  const nobody = { id: 'z', address, peerId: Buffer.alloc(20), tokenHash: Buffer.alloc(32) };
  await kept.catalog.put({ ...nobody, registeredAt: 1, seenAt: 0 }, []);
  await close(kept);
  return readFile(`${folder}/catalog.lmdb`);
}

/** Reads the page that the last transaction wrote about the file. */
function lastMeta(file: Buffer): Meta & { readonly at: number } {
  const metas = [0, PAGE].map((at) => ({ ...readMeta(file.subarray(at))!, at }));
  return metas[0]!.transaction > metas[1]!.transaction ? metas[0]! : metas[1]!;
}

/** Checks that all entries of the catalog are right. @returns how many metainfo there are */
async function checked({ catalog }: StateFolder): Promise<number> {
  let found = 0;
  for (let at = 0; at < TORRENTS; at += 1) {
    const metainfo = await catalog.metainfo(infoHashOf(at));
    if (metainfo === undefined) continue;
    expect(Buffer.from(metainfo).equals(metainfoOf(at))).toBe(true);
    found += 1;
  }
  return found;
}

test('StateFolder.open() survives bits that flip anywhere in the catalog, gives nothing that is wrong, and can write', async () => {
  await using folder = await tempFolder();
  const first = await open(folder.join('first'), []);
  await register(first);
  await close(first);
  const whole = await readFile(folder.join('first/catalog.lmdb'));
  const random = seededRandom(15);
  for (let round = 0; round < 4; round += 1) {
    const state = folder.join(`flip-${round}`);
    await mkdir(state);
    const damaged = Buffer.from(whole);
    const places: number[] = [];
    for (let flips = 1 + (round % 4); flips > 0; flips -= 1) {
      // Every second time they are in heads of pages, behind those two that tell of the file.
      const page = 4096 * (2 + randomBelow(random, whole.length / 4096 - 2));
      const at = page + (round % 2 === 0 ? randomBelow(random, 64) : randomBelow(random, 4096));
      damaged[at]! ^= 1 << randomBelow(random, 8);
      places.push(at);
    }
    const context = `bits at ${places.join()}`;
    await writeFile(`${state}/catalog.lmdb`, damaged);
    const told: string[] = [];
    const kept = await open(state, told);
    const found = await checked(kept);
    if (found < TORRENTS) expect(told, context).not.toEqual([]);
    await register(kept);
    expect(await checked(kept), context).toBe(TORRENTS);
    await kept.catalog.flush();
    await kept.catalog.remove('seeder');
    await kept.catalog.flush();
    await register(kept);
    await close(kept);
  }
});

describe('StateFolder.open() begins a catalog anew', () => {
  test.each<[what: string, damage: (file: Buffer) => Buffer, kept: number]>([
    ['whose first page is no longer named LMDB’s', (file) => flipped(file, 24), TORRENTS],
    [
      'whose format is a newer one, and by its digest is not',
      (file) => replaced(file, 'formatshoal catalog 1', 'formatshoal catalog 3'),
      TORRENTS,
    ],
    ['in whose list of free pages one is that is used', withUsedPageFree, TORRENTS],
    [
      'that tells of fewer pages than it has',
      (file) => flipped(file, lastMeta(file).at + 144, lastMeta(file).lastPage),
      TORRENTS,
    ],
    [
      'whose first page of the tree is zeros',
      (file) => file.fill(0, PAGE * lastMeta(file).mainTree.root, PAGE * (lastMeta(file).mainTree.root + 1)),
      TORRENTS,
    ],
    [
      'in which a metainfo has changed',
      (file) => replaced(file, '\x07'.repeat(190), '\x06'.repeat(190)),
      TORRENTS - 2,
    ],
    ['that has lost its end', (file) => file.subarray(0, 64 * 1024), 0],
    ['that is zeros', (file) => file.fill(0), 0],
    ['that is a text', () => Buffer.from('no catalog'), 0],
  ])('%s, tells it once, and keeps what is right', async (_what, damage, found) => {
    await using folder = await tempFolder();
    const file = damage(await wholeCatalog(folder.path));
    await writeFile(folder.join('catalog.lmdb'), file);
    const told: string[] = [];
    const second = await open(folder.path, told);
    expect(told).toEqual([
      expect.stringMatching(/^The catalog in .* was damaged .*is kept in .*\.damaged\./),
    ]);
    expect((await readFile(folder.join('catalog.lmdb.damaged'))).equals(file)).toBe(true);
    expect(await checked(second)).toBeGreaterThanOrEqual(found);
    await register(second);
    await second.catalog.flush();
    await close(second);
    const third = await open(folder.path, told);
    expect(await checked(third)).toBe(TORRENTS);
    await close(third);
    expect(told).toHaveLength(1);
  });

  test('of any other size never, when nothing in it is damaged', async () => {
    await using folder = await tempFolder();
    const file = await wholeCatalog(folder.path);
    await writeFile(folder.join('catalog.lmdb'), Buffer.concat([file, Buffer.alloc(4099)]));
    const told: string[] = [];
    const second = await open(folder.path, told);
    expect(told).toEqual([]);
    expect(await checked(second)).toBe(TORRENTS);
    await close(second);
  });

  test('of a newer version never, and leaves it alone', async () => {
    await using folder = await tempFolder();
    const path = folder.join('catalog.lmdb');
    const newer = openLmdb<Buffer, string>({ path, encoding: 'binary' });
    await newer.put('format', Buffer.from('shoal catalog 2'));
    await newer.put('what is new', Buffer.from('and has no digest'));
    await newer.close();
    await expect(open(folder.path, [])).rejects.toMatchObject({ code: 'BAD_STATE' });
    await writeFile(path, flipped(await readFile(path), PAGE * 2));
    await expect(open(folder.path, [])).rejects.toMatchObject({ code: 'BAD_STATE' });
  });
});

function flipped(file: Buffer, at: number, bits = 1): Buffer {
  file[at]! ^= bits;
  return file;
}

function replaced(file: Buffer, text: string, by: string): Buffer {
  const at = file.indexOf(text);
  expect(at).toBeGreaterThan(0);
  for (let next = at; next !== -1; next = file.indexOf(text, next + 1)) file.write(by, next, 'latin1');
  return file;
}

/** Puts the first page of the tree into the first list of free pages. */
function withUsedPageFree(file: Buffer): Buffer {
  const { freeTree, mainTree } = lastMeta(file);
  const page = PAGE * freeTree.root;
  const node = page + 24 + file.readUInt16LE(page + 24);
  file.writeBigUInt64LE(BigInt(mainTree.root), node + 8 + 8 + 8);
  return file;
}
