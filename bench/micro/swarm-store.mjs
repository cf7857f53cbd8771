// Measures the memory store: announces a second, bytes a peer, and the longest pause while peers expire or a snapshot
// is taken. Run after `npm run build`: node bench/micro/swarm-store.mjs
// Times are the processor's, of all threads of the process, so that other programs on the machine do not show; a pause
// is no longer than it took by the clock.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MemorySwarmStore } from '../../build/src/tracker/swarms/memory/index.js';
import { infoHashFromBytes, randomBelow, seededRandom } from '../../build/src/util/index.js';

const TTL = 300_000;
const QUESTION = { numWant: 50, withPeerIds: false };
const SILENCE = { numWant: 0, withPeerIds: false };
const MEGA = 1_000_000;

/** Peers of each swarm, `peers` in all: alike, or as in the field, a few large ones and many of one to four. */
const SHAPES = {
  even: (peers, swarms) => new Array(swarms).fill(peers / swarms),
  skewed(peers, swarms) {
    const weights = Array.from({ length: swarms }, (_, rank) => 1 / (rank + 1));
    const total = weights.reduce((sum, weight) => sum + weight);
    return weights.map((weight) => Math.max(1, Math.min(50_000, Math.round((peers * weight) / total))));
  },
};

function hashes(count, random) {
  return Array.from({ length: count }, () =>
    infoHashFromBytes(Uint8Array.from({ length: 20 }, () => randomBelow(random, 256))),
  );
}

/** A peer whose bytes are written anew for each announce, as a front end would hand it over. */
class Peer {
  constructor(addressSize) {
    this.address = new Uint8Array(addressSize);
    this.peerId = Buffer.from('-XX0001-000000000000');
    this.role = 'downloader';
  }

  become(number) {
    this.address.fill(number >>> 24, 0, this.address.length - 6);
    for (let at = 0; at < 4; at += 1) this.address[this.address.length - 6 + at] = number >>> (8 * at);
    this.address[this.address.length - 1] = 1;
    for (let at = 0; at < 4; at += 1) this.peerId[16 + at] = number >>> (8 * at);
    this.role = number % 4 === 0 ? 'seeder' : 'downloader';
  }
}

/** Reads the milliseconds of processor time so far. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Calls `work`. @returns milliseconds of pause */
function pauseOf(work) {
  const [clock, processor] = [performance.now(), now()];
  work();
  return Math.min(performance.now() - clock, now() - processor);
}

function residentBytes() {
  for (let times = 0; times < 4; times += 1) globalThis.gc();
  return process.memoryUsage().rss;
}

function fill(store, sizes, names, addressSize) {
  const peer = new Peer(addressSize);
  const order = [];
  for (const [swarm, size] of sizes.entries()) for (let at = 0; at < size; at += 1) order.push(swarm);
  const random = seededRandom(5);
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = randomBelow(random, at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return () => {
    let longest = 0;
    for (const [number, swarm] of order.entries()) {
      peer.become(number);
      longest = Math.max(
        longest,
        pauseOf(() => store.announce(names[swarm], peer, SILENCE, false, 0)),
      );
    }
    return { peers: order.length, longest };
  };
}

function measureMemory(shape, addressSize, peers = MEGA, swarms = 100_000) {
  const random = seededRandom(1);
  const store = new MemorySwarmStore({ peerTtl: TTL, random });
  const filled = filledBy(store, SHAPES[shape](peers, swarms), addressSize, random);
  // The garbage of the benchmark itself must not be collected meanwhile.
  globalThis.gc();

  const saving = store.save({ now: () => 0 });
  const saves = pausesOf(() => saving.next().done);
  const expiries = pausesOf(() => store.expire(TTL + 2000));
  const left = store.stats().peers;
  if (left !== 0) throw new Error(`${left} peers are left`);
  return {
    'bytes a peer': Number(filled.bytes.toFixed(1)),
    'announce, longest ms': Number(filled.longest.toFixed(2)),
    'snapshot, longest and 99th part ms': longestOf(saves),
    'snapshot in all ms': sumOf(saves),
    'expiry, longest and 99th step ms': longestOf(expiries),
    'expiry in all ms': sumOf(expiries),
  };
}

function filledBy(store, sizes, addressSize, random) {
  const names = hashes(sizes.length, random);
  const run = fill(store, sizes, names, addressSize);
  // A first run makes the process as large as a busy one, so that the difference is the peers'.
  fill(new MemorySwarmStore({ peerTtl: TTL, random }), [300_000], names, addressSize)();
  const before = residentBytes();
  const { peers, longest } = run();
  return { bytes: (residentBytes() - before) / peers, longest };
}

/** Calls `step` until it returns true. @returns milliseconds of each */
function pausesOf(step) {
  const pauses = [];
  for (let done = false; !done; ) {
    pauses.push(
      pauseOf(() => {
        done = step();
      }),
    );
  }
  return pauses;
}

/** The longest, and the one that a hundredth are longer than. */
function longestOf(pauses) {
  const sorted = pauses.toSorted((a, b) => b - a);
  return [sorted[0], sorted[Math.floor(sorted.length / 100)]].map((pause) => pause.toFixed(2)).join(', ');
}

function sumOf(pauses) {
  return Math.round(pauses.reduce((sum, pause) => sum + pause));
}

/** Thousands of announces in a second of processor time; nine in ten are of peers that are known. */
function measureSpeed(swarms, peersEach, question) {
  const random = seededRandom(2);
  const names = hashes(swarms, random);
  const store = new MemorySwarmStore({ peerTtl: TTL, random });
  const peer = new Peer(6);
  const announce = (swarm, number, second) => {
    peer.become(swarm * peersEach * 2 + number);
    store.announce(names[swarm], peer, question, false, second * 1000);
  };
  for (let number = 0; number < peersEach; number += 1) {
    for (let swarm = 0; swarm < swarms; swarm += 1) announce(swarm, number, 0);
  }
  const rates = [];
  for (let run = 1; run <= 5; run += 1) {
    const count = 500_000;
    const began = now();
    for (let at = 0; at < count; at += 1) {
      const isKnown = random.next() < 0.9;
      const number = randomBelow(random, peersEach) + (isKnown ? 0 : peersEach);
      announce(randomBelow(random, swarms), number, run);
    }
    rates.push(count / (now() - began));
  }
  return Math.round(rates.sort((a, b) => a - b)[2]);
}

const MEASUREMENTS = {
  'thousands of announces a second, 10,000 swarms of 100': () => ({
    '50 peers wanted': measureSpeed(10_000, 100, QUESTION),
    'none wanted': measureSpeed(10_000, 100, SILENCE),
  }),
  '1 M IPv4 peers in 100,000 swarms of 10': () => measureMemory('even', 6),
  '1 M IPv4 peers in 100,000 swarms of 1 to 50,000': () => measureMemory('skewed', 6),
  '1 M IPv6 peers in 100,000 swarms of 10': () => measureMemory('even', 18),
  '1 M IPv4 peers in as many swarms': () => measureMemory('even', 6, MEGA, MEGA),
};

// Each in a process of its own, so that none uses the memory that another left.
const [measurement] = process.argv.slice(2);
if (measurement !== undefined) console.log(measurement, MEASUREMENTS[measurement]());
else {
  for (const name of Object.keys(MEASUREMENTS)) {
    spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), name], { stdio: 'inherit' });
  }
}
