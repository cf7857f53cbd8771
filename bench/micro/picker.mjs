// Measures one picked block, with many pieces and with few. Run after `npm run build`: node bench/micro/picker.mjs
import { PiecePicker } from '../../build/src/picker/index.js';
import { Bitfield, randomBelow, seededRandom } from '../../build/src/util/index.js';

const BLOCKS_PER_PIECE = 16;
const PIECE_LENGTH = BLOCKS_PER_PIECE * 16384;
const PEERS = 200;
const BATCH = 8;
const MEASURED_PIECES = 700;
const RUNS = 5;
const NO_BYTES = new Uint8Array(0);

/** The ways in which pieces are spread over the peers: `holds(peer, index, random)` tells who has what. */
const SWARMS = {
  'all seeds': () => true,
  'half each': (_peer, _index, _pieces, random) => random.next() < 0.5,
  // Half of the peers have what everybody has and walk past everything rare.
  'rare and common halves': (peer, index, pieces, random) =>
    index < pieces / 2 ? peer % 20 === 0 && random.next() < 0.5 : random.next() < 0.9,
  // Newcomers with a handful of pieces each, and one seed in ten.
  'few pieces each': (peer, _index, pieces, random) => peer % 10 === 0 || random.next() < 20 / pieces,
  // Everybody has the same few hundred pieces, except a few seeds.
  'same pieces': (peer, index, _pieces) => peer % 40 === 0 || index < 600,
};

function swarm(pieces, holds, random) {
  const peers = [];
  const picker = new PiecePicker({
    pieceCount: pieces,
    pieceLength: PIECE_LENGTH,
    pieceLengthAt: () => PIECE_LENGTH,
    have: new Bitfield(pieces),
    buffers: { reserve: () => true, giveUp() {} },
    random,
  });
  for (let number = 0; number < PEERS; number += 1) {
    const bitfield = new Bitfield(pieces);
    for (let index = 0; index < pieces; index += 1)
      if (holds(number, index, pieces, random)) bitfield.add(index);
    const requests = [];
    const peer = {
      pieces: bitfield,
      takesPartBlocks: true,
      requests,
      request: (index, begin, length) => requests.push(index, begin, length),
      cancel() {},
    };
    peers.push(peer);
    picker.addPeer(peer);
  }
  return { picker, peers };
}

/** Downloads the rest of the peer's requests. */
function deliver(picker, peer) {
  const { requests } = peer;
  for (let at = 0; at < requests.length; at += 3) {
    const receipt = picker.received(peer, requests[at], requests[at + 1], requests[at + 2]);
    if (receipt === 'completed') picker.pieceVerified(requests[at], NO_BYTES);
  }
  requests.length = 0;
}

/**
 * Downloads some hundred pieces, peers in random order. What a peer's first pick looks up is in proportion to the
 * number of pieces, like adding it is: it comes before the clock starts and is told apart.
 *
 * @returns nanoseconds a block: picking, and the whole life of it; nanoseconds a call; microseconds of a first pick
 */
function measure(pieces, holds, seed) {
  const random = seededRandom(seed);
  const { picker, peers } = swarm(pieces, holds, random);
  picker.pick(peers[0], BLOCKS_PER_PIECE); // the first piece of all is any and not the rarest
  deliver(picker, peers[0]);
  const arrived = process.hrtime.bigint();
  for (const peer of peers) {
    picker.pick(peer, BLOCKS_PER_PIECE);
    deliver(picker, peer);
  }
  const first = Number(process.hrtime.bigint() - arrived) / PEERS / 1000;
  let picked = 0;
  let picking = 0n;
  let calls = 0;
  const started = process.hrtime.bigint();
  while (picked < MEASURED_PIECES * BLOCKS_PER_PIECE && picker.wantedCount > 0) {
    const peer = peers[randomBelow(random, PEERS)];
    const before = process.hrtime.bigint();
    const count = picker.pick(peer, BATCH);
    picking += process.hrtime.bigint() - before;
    calls += 1;
    picked += count;
    deliver(picker, peer);
  }
  const whole = Number(process.hrtime.bigint() - started);
  return { pick: Number(picking) / picked, whole: whole / picked, call: Number(picking) / calls, first };
}

function median(pieces, holds) {
  const runs = Array.from({ length: RUNS }, (_, run) => measure(pieces, holds, run + 1));
  const middle = (of) => runs.map(of).sort((a, b) => a - b)[RUNS >> 1];
  return {
    pick: middle((run) => run.pick),
    whole: middle((run) => run.whole),
    call: middle((run) => run.call),
    first: middle((run) => run.first),
  };
}

console.log(`ns a block, ${PEERS} peers, ${BLOCKS_PER_PIECE} blocks a piece, median of ${RUNS}`);
for (const holds of Object.values(SWARMS)) measure(1000, holds, 0); // warms the compiler up
const rows = {};
for (const [name, holds] of Object.entries(SWARMS)) {
  const few = median(1000, holds);
  const many = median(100_000, holds);
  rows[name] = {
    'pick, 1,000 pieces': Math.round(few.pick),
    'pick, 100,000 pieces': Math.round(many.pick),
    'pick ratio': Number((many.pick / few.pick).toFixed(2)),
    'whole life, 1,000': Math.round(few.whole),
    'whole life, 100,000': Math.round(many.whole),
    'a call, 100,000': Math.round(many.call),
    'first pick, 100,000 (us)': Math.round(many.first),
  };
}
console.table(rows);

const random = seededRandom(1);
const { picker, peers } = swarm(100_000, SWARMS['half each'], random);
const began = performance.now();
for (const peer of peers) picker.removePeer(peer);
const removed = performance.now();
for (const peer of peers) picker.addPeer(peer);
const added = performance.now();
console.log(
  `100,000 pieces, a peer with half of them: ${((added - removed) / PEERS).toFixed(2)} ms to add, ` +
    `${((removed - began) / PEERS).toFixed(2)} ms to remove`,
);
