// Measures the catalog in memory: bytes of a registered torrent, the time of calls, and the start with a catalog on disk.
// `npm run bench:catalog` runs it, or after `npm run build`:
// node --expose-gc bench/micro/catalog.mjs memory|speed|restart v1|hybrid TORRENTS: prints figures as JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbCatalog } from '../../build/src/tracker/registry/catalog/lmdb/index.js';
import { MemoryCatalog } from '../../build/src/tracker/registry/catalog/memory/index.js';
import { MemorySwarmStore } from '../../build/src/tracker/swarms/memory/index.js';
import {
  encodeCompactAddress,
  infoHashFromBytes,
  seededRandom,
  systemClock,
  toError,
} from '../../build/src/util/index.js';

/** Torrents of each seeder, so that a million torrents have a hundred seeders. */
const LIST = 10_000;
/** The address of all seeders. */
const UNBOUND = { maxSeedersPerAddress: Infinity, maxHoldingsPerAddress: Infinity };
/** Calls of each kind whose time is taken. */
const CALLS = 20_000;
const PAGE = 1000;
const [work = '', kind = '', torrentsGiven = '0'] = process.argv.slice(2);
const isHybrid = kind === 'hybrid';
const torrents = Number(torrentsGiven);

/** Makes a torrent of its number. Its texts are its own. */
function torrentOf(number) {
  const random = seededRandom(number + 1);
  const bytes = Buffer.alloc(72);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.floor(random.next() * 2 ** 32), at);
  return {
    infoHash: infoHashFromBytes(bytes.subarray(0, 20)),
    ...(isHybrid && { infoHashV2: infoHashFromBytes(bytes.subarray(20, 40)) }),
    name: nameOf(number),
    size: 1_000_000 + number * 7,
    sha256: bytes.subarray(40).toString('hex'),
  };
}

/** A name of 30 characters. */
function nameOf(number) {
  return `disk-image-${String(number).padStart(8, '0')}.release.img`;
}

function seederOf(number) {
  return {
    id: `seeder${number}`,
    address: { host: '10.0.0.1', port: 1 + number },
    peerId: Buffer.alloc(20, number),
    tokenHash: Buffer.alloc(32, number),
    registeredAt: number,
    seenAt: 0,
  };
}

/** Registers all, a list at a time. */
async function fill(catalog, count = torrents, list = LIST) {
  for (let from = 0; from < count; from += list) {
    const listed = Array.from({ length: Math.min(list, count - from) }, (_, at) => torrentOf(from + at));
    await catalog.put(seederOf(from / list), listed);
  }
}

/** Counts the bytes in the heap and outside of it, after garbage was collected. */
function bytesHeld() {
  for (let times = 0; times < 4; times += 1) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Measures the memory of registered torrents in the catalog, and in the swarms in which their only seeder is. */
async function memory() {
  const catalog = new MemoryCatalog(UNBOUND);
  const swarms = new MemorySwarmStore({ peerTtl: 1e9, random: seededRandom(1), maxSwarms: 2 * torrents });
  await fill(new MemoryCatalog(UNBOUND), LIST);
  const before = bytesHeld();
  await fill(catalog);
  const filled = bytesHeld();
  const peer = { peerId: Buffer.alloc(20), role: 'seeder' };
  for (let number = 0; number < torrents; number += 1) {
    const address = encodeCompactAddress({ host: '10.0.0.1', port: 1 + Math.floor(number / LIST) });
    const { infoHash, infoHashV2 } = torrentOf(number);
    for (const each of infoHashV2 === undefined ? [infoHash] : [infoHash, infoHashV2])
      swarms.announce(each, { address, ...peer }, { numWant: 0, withPeerIds: false }, false, 0);
  }
  const all = bytesHeld();
  const { total } = await catalog.find({}, { limit: 1 });
  for (let number = 0; number * LIST < torrents; number += 1) await catalog.remove(seederOf(number).id);
  const left = bytesHeld() - (all - filled) - before;
  if (swarms.stats().peers !== torrents * (isHybrid ? 2 : 1)) throw new Error('There are peers missing');
  return {
    catalog: (filled - before) / total,
    'with swarms': (all - before) / total,
    'catalog, all removed again': left / total,
  };
}

/**
 * How much of the processor calls take, in microseconds each, of all threads; and the longest step of a long list in
 * milliseconds, which is no longer than it took by the clock.
 */
async function speed() {
  const catalog = new MemoryCatalog(UNBOUND);
  const numbers = Array.from({ length: CALLS }, (_, at) => (at * 7919) % torrents);
  const listed = Array.from({ length: torrents }, (_, number) => torrentOf(number));
  await fill(new MemoryCatalog(UNBOUND), 2 * LIST);
  const figures = {};
  const time = async (what, count, run) => {
    const began = processorTime();
    await run();
    figures[what] = ((processorTime() - began) * 1000) / count;
  };
  const longest = await longestStep(() => time('put', torrents, () => catalog.put(seederOf(1), listed)));
  await time('find by name', CALLS, async () => {
    for (const number of numbers) await catalog.find({ name: nameOf(number) }, { limit: 10 });
  });
  await time('find by name, size and SHA-256', CALLS, async () => {
    for (const number of numbers) {
      const { name, size, sha256 } = listed[number];
      await catalog.find({ name, size, sha256 }, { limit: 10 });
    }
  });
  await time('holders', CALLS, async () => {
    for (const number of numbers) await catalog.holders(listed[number].infoHash, 10);
  });
  await time('listed, in pages of 1,000', torrents, () => walk((page) => catalog.find({}, page)));
  await time('torrents of a seeder, in pages', torrents, () =>
    walk((page) => catalog.torrentsOf(seederOf(1).id, page)),
  );
  const again = await longestStep(() => time('put again', torrents, () => catalog.put(seederOf(1), listed)));
  const gone = await longestStep(() => time('remove', torrents, () => catalog.remove(seederOf(1).id)));
  return { ...figures, 'longest step, ms': Math.max(longest, again, gone) };
}

async function walk(ask) {
  for (let page = await ask({ limit: PAGE }); page.next !== undefined; ) {
    page = await ask({ limit: PAGE, after: page.next });
  }
}

/** Measures the longest work between two turns of the event loop while something is done, in milliseconds. */
async function longestStep(run) {
  let longest = 0;
  let last = [performance.now(), processorTime()];
  const look = () => {
    const now = [performance.now(), processorTime()];
    longest = Math.max(longest, Math.min(now[0] - last[0], now[1] - last[1]));
    last = now;
  };
  let timer = setImmediate(function turn() {
    look();
    timer = setImmediate(turn);
  });
  await run();
  clearImmediate(timer);
  look();
  return longest;
}

/** Reads the milliseconds of processor time so far. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Measures how long it takes to read a catalog from its file. */
async function restart() {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-catalog-'));
  const path = join(folder, 'catalog.lmdb');
  const options = {
    path,
    maxHoldings: torrents,
    clock: systemClock,
    toWallTime: (at) => at,
    report: (thrown) => console.error(toError(thrown).message),
  };
  const first = await LmdbCatalog.open(options);
  await fill(first);
  await first.close();
  const before = bytesHeld();
  const began = processorTime();
  const second = await LmdbCatalog.open(options);
  const seconds = (processorTime() - began) / 1000;
  const peak = process.resourceUsage().maxRSS * 1024;
  const bytes = bytesHeld() - before;
  await second.close();
  await rm(folder, { recursive: true });
  return { 'start, s': seconds, 'bytes each': bytes / torrents, 'peak RSS, MB': peak / 1e6 };
}

const WORK = { memory, speed, restart };
console.log(JSON.stringify(await WORK[work]()));
