import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { closeAll, parseInfoHash, randomBelow, seededRandom } from '../util/index.ts';
import { KeptState } from './kept-state.ts';
import { MemorySwarmStore } from './swarms/memory/index.ts';
import { ManualClock } from './testing/manual-clock.ts';

const TORRENTS = 300;

/** Opens the state in a folder. @param told takes what is reported */
function open(folder: string, told: string[]): Promise<KeptState> {
  const clock = new ManualClock();
  return KeptState.open({
    folder,
    store: new MemorySwarmStore({ peerTtl: 60_000, random: seededRandom(1) }),
    limits: {},
    clock,
    wallTime: () => clock.now(),
    toWallTime: (at) => 1e12 + at,
    report: ({ message }) => told.push(message),
  });
}

const infoHashOf = (number: number) => parseInfoHash(number.toString(16).padStart(40, '0'));
const metainfoOf = (number: number) => Buffer.alloc(50 + number * 20, number);

/** Registers a seeder with all torrents. */
async function register({ catalog }: KeptState): Promise<void> {
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

/** Takes what the catalog has, all of which must be right. @returns how many metainfo there are */
async function checked({ catalog }: KeptState): Promise<number> {
  let found = 0;
  for (let at = 0; at < TORRENTS; at += 1) {
    const metainfo = await catalog.metainfo(infoHashOf(at));
    if (metainfo === undefined) continue;
    expect(Buffer.from(metainfo).equals(metainfoOf(at))).toBe(true);
    found += 1;
  }
  return found;
}

test('KeptState.open() survives bits that flip anywhere in the catalog, gives nothing that is wrong, and can write', async () => {
  await using folder = await tempFolder();
  const first = await open(folder.join('first'), []);
  await register(first);
  await closeAll(first.closers);
  const whole = await readFile(folder.join('first/catalog.lmdb'));
  const random = seededRandom(15);
  for (let round = 0; round < 12; round += 1) {
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
    await closeAll(kept.closers);
  }
});

test('KeptState.open() sets a catalog aside that has lost its end', async () => {
  await using folder = await tempFolder();
  const first = await open(folder.path, []);
  await register(first);
  await closeAll(first.closers);
  const whole = await readFile(folder.join('catalog.lmdb'));
  await writeFile(folder.join('catalog.lmdb'), whole.subarray(0, 64 * 1024));
  const told: string[] = [];
  const second = await open(folder.path, told);
  expect(told).toEqual([expect.stringContaining(`moved to ${folder.join('catalog.lmdb.damaged')}`)]);
  expect((await second.catalog.seeders({ limit: 1 })).total).toBe(0);
  await register(second);
  await closeAll(second.closers);
  const third = await open(folder.path, []);
  expect(await checked(third)).toBe(TORRENTS);
  await closeAll(third.closers);
});
