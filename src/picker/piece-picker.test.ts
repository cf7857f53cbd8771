import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../metainfo/index.ts';
import { Bitfield, seededRandom } from '../util/index.ts';
import { MIN_ENDGAME_WINDOW, type PickerPeer } from './picker-peer.ts';
import { PiecePicker } from './piece-picker.ts';
import { FIRST_PAUSE_MS, LATE_MS, OVERDUE_MS, type Trust } from './trust.ts';

/** A peer that remembers what it was asked for. */
class FakePeer implements PickerPeer {
  readonly pieces: Bitfield;
  takesPartBlocks = true;
  readonly requests = new Map<string, { index: number; begin: number; length: number }>();

  constructor(pieces: Bitfield) {
    this.pieces = pieces;
  }

  request(index: number, begin: number, length: number): void {
    this.requests.set(`${index}:${begin}`, { index, begin, length });
  }

  cancel(index: number, begin: number): void {
    this.requests.delete(`${index}:${begin}`);
  }
}

const BLOCKS = 4;
const PIECE = BLOCKS * BLOCK_BYTES;
const RIGHT = new Uint8Array(PIECE);
const WRONG = new Uint8Array(PIECE).fill(1);

function pickerOf(
  pieceCount: number,
  buffers = Number.POSITIVE_INFINITY,
  have: readonly number[] = [],
  seed = 1,
  blocks = BLOCKS,
) {
  const there = new Bitfield(pieceCount);
  for (const index of have) there.add(index);
  let used = 0;
  const picker = new PiecePicker<FakePeer>({
    pieceCount,
    pieceLength: blocks * BLOCK_BYTES,
    pieceLengthAt: () => blocks * BLOCK_BYTES,
    have: there,
    random: seededRandom(seed),
    buffers: {
      reserve: () => used < buffers && (used += 1) > 0,
      giveUp: () => {
        used -= 1;
      },
    },
  });
  const joinAs = (trust: Trust, pieces: readonly number[]) => {
    const bitfield = new Bitfield(pieceCount);
    for (const index of pieces) bitfield.add(index);
    const peer = new FakePeer(bitfield);
    picker.addPeer(peer, trust);
    return peer;
  };
  const join = (...pieces: number[]) => joinAs('proven', pieces);
  const joinFresh = (...pieces: number[]) => joinAs('fresh', pieces);
  return { picker, join, joinFresh };
}

const piecesAsked = (peer: FakePeer) => [...new Set([...peer.requests.values()].map(({ index }) => index))];
const beginsAsked = (peer: FakePeer) => [...peer.requests.values()].map(({ begin }) => begin / BLOCK_BYTES);

function deliverAll(picker: PiecePicker<FakePeer>, peer: FakePeer): void {
  for (const [key, { index, begin, length }] of peer.requests) {
    peer.requests.delete(key);
    picker.received(peer, index, begin, length);
  }
}

describe('PiecePicker', () => {
  test('pick() gives fast peers pieces of their own, and lets slow peers share one', () => {
    const { picker, join } = pickerOf(8);
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    const [fast, faster, slow, slower] = [join(...all), join(...all), join(...all), join(...all)];
    expect(picker.pick(fast, BLOCKS, 0)).toBe(BLOCKS);
    expect(picker.pick(faster, 2 * BLOCKS, 0)).toBe(2 * BLOCKS);
    expect(piecesAsked(fast)).toHaveLength(1);
    expect(piecesAsked(faster)).toHaveLength(2);
    picker.pick(slow, 1, 0);
    picker.pick(slower, 2, 0);
    expect(piecesAsked(slow)).toEqual(piecesAsked(slower));
    expect(beginsAsked(slower)).toEqual([1, 2]);
  });

  test('pick() gives a peer that is asked for 1 MiB at a time a piece of its own, even if it is longer', () => {
    const { picker, join } = pickerOf(8, 9, [], 1, 256);
    const [seed, other, slow] = [join(0, 1, 2, 3), join(0, 1, 2, 3), join(0, 1, 2, 3)];
    picker.pick(seed, 64, 0);
    picker.pick(other, 64, 0);
    expect(piecesAsked(other)).toHaveLength(1);
    expect(piecesAsked(other)).not.toEqual(piecesAsked(seed));
    picker.pick(slow, 63, 0);
    expect([...piecesAsked(seed), ...piecesAsked(other)]).not.toContain(piecesAsked(slow)[0]);
  });

  test('pick() goes on with a piece that a fast peer left behind before it starts another', () => {
    const { picker, join } = pickerOf(8);
    const [gone, next] = [join(0, 1, 2, 3), join(0, 1, 2, 3)];
    picker.pick(gone, BLOCKS, 0);
    const [left] = piecesAsked(gone);
    picker.removePeer(gone);
    picker.pick(next, BLOCKS, 0);
    expect(piecesAsked(next)).toEqual([left]);
  });

  test('pick() lets a peer join a piece of another one when no buffer is free', () => {
    const { picker, join } = pickerOf(8, 1);
    const [owner, other] = [join(0, 1), join(0, 1)];
    picker.pick(owner, BLOCKS, 0);
    const [first] = owner.requests.values();
    picker.release(owner, first!.index, first!.begin);
    expect(picker.pick(other, BLOCKS, 0)).toBe(1);
    expect([...other.requests.values()]).toEqual([first]);
  });

  test('pick() gives up a piece that no peer is asked for when another peer has nothing to do', () => {
    const { picker, join } = pickerOf(8, 1);
    const [first, second] = [join(0), join(1)];
    picker.pick(first, BLOCKS, 0);
    expect(picker.pick(second, BLOCKS, 0)).toBe(0);
    first.requests.clear();
    picker.releaseAll(first);
    expect(picker.pick(second, BLOCKS, 0)).toBe(BLOCKS);
    expect(picker.isMissing(0, 0, BLOCK_BYTES)).toBe(false);
  });

  test('pick() chooses the first piece at random, and then the rarest', () => {
    const chosen = { first: new Set<number>(), next: new Set<number>() };
    for (let seed = 0; seed < 100; seed += 1) {
      for (const [when, have] of [
        ['first', []],
        ['next', [0]],
      ] as const) {
        const { picker, join } = pickerOf(8, 9, have, seed);
        join(0, 1, 2, 3, 4, 5);
        const peer = join(0, 1, 2, 3, 4, 5, 6, 7);
        picker.pick(peer, 1, 0);
        for (const index of piecesAsked(peer)) chosen[when].add(index);
      }
    }
    expect(chosen.first).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(chosen.next).toEqual(new Set([6, 7]));
  });

  test('pick() moves a piece that waits at another peer to an idle one, the most common piece first', () => {
    const { picker, join } = pickerOf(6, Number.POSITIVE_INFINITY, [5]);
    const seed = join(0, 1, 2, 3, 4, 5);
    expect(picker.pick(seed, 3 * BLOCKS, 0)).toBe(3 * BLOCKS);
    const [rare, common] = piecesAsked(seed) as [number, number, number];
    const [idle, other] = [join(rare, common), join(common)];
    expect(picker.pick(idle, 1000, 0)).toBe(BLOCKS);
    expect(piecesAsked(idle)).toEqual([common]);
    expect(piecesAsked(seed)).not.toContain(common);
    expect(picker.pick(other, 1000, 0), 'it has changed hands').toBe(0);
    expect(picker.pick(idle, 1000, 0), 'it is owed something').toBe(0);
    deliverAll(picker, idle);
    expect(picker.pick(idle, 1000, 0), 'the other one has something else to send first').toBe(BLOCKS);
    expect(piecesAsked(idle)).toEqual([rare]);
    expect(piecesAsked(seed)).toHaveLength(1);
  });

  test('pick() takes no piece from a peer that has begun to send it', () => {
    const { picker, join } = pickerOf(4, Number.POSITIVE_INFINITY, [3]);
    const seed = join(0, 1, 2, 3);
    picker.pick(seed, 2 * BLOCKS, 0);
    const idle = join(...piecesAsked(seed));
    for (const index of piecesAsked(seed)) {
      seed.requests.delete(`${index}:0`);
      picker.received(seed, index, 0, BLOCK_BYTES);
    }
    expect(picker.pick(idle, 1000, 0)).toBe(0);
  });

  test('pick() asks a limited number of peers for the last blocks of a piece in endgame', () => {
    const { picker, join } = pickerOf(1);
    const [slow, ...fast] = [join(0), join(0), join(0), join(0)];
    picker.pick(slow!, BLOCKS, 0);
    expect(picker.isEndgame).toBe(true);
    expect(picker.pick(fast[0]!, 2, 0)).toBe(2);
    expect(beginsAsked(fast[0]!)).toEqual([3, 2]);
    expect(picker.pick(fast[1]!, 3, 0)).toBe(3);
    expect(beginsAsked(fast[1]!), 'first those asked of one peer only').toEqual([1, 0, 3]);
    expect(picker.pick(fast[2]!, 9, 0)).toBe(3);
    expect(picker.pick(fast[2]!, 9, 0), 'no block is asked of more than three').toBe(0);
    for (const { index, begin, length } of slow!.requests.values()) {
      slow!.requests.delete(`${index}:${begin}`);
      expect(picker.received(slow!, index, begin, length)).not.toBe('unwanted');
    }
    expect(fast.flatMap((peer) => [...peer.requests])).toEqual([]);
    expect(picker.received(fast[0]!, 0, 3 * BLOCK_BYTES, BLOCK_BYTES)).toBe('unwanted');
  });

  test('pick() repeats few requests at a time in endgame, and more at a peer whose blocks come first', () => {
    const all = Array.from({ length: 8 }, (_, index) => index);
    const { picker, join } = pickerOf(all.length);
    const [slow, fast] = [join(...all), join(...all)];
    picker.pick(slow, all.length * BLOCKS, 0);
    expect(picker.pick(fast, 99, 0)).toBe(MIN_ENDGAME_WINDOW);
    expect(picker.pick(fast, 99, 0), 'while those are on the way').toBe(0);
    for (const { index, begin, length } of [...fast.requests.values()]) {
      fast.requests.delete(`${index}:${begin}`);
      picker.received(fast, index, begin, length);
    }
    expect(picker.pick(fast, 99, 0)).toBe(2 * MIN_ENDGAME_WINDOW);
    const [{ index, begin, length }] = [...fast.requests.values()] as [
      { index: number; begin: number; length: number },
    ];
    slow.requests.delete(`${index}:${begin}`);
    picker.received(slow, index, begin, length);
    expect(picker.pick(fast, 99, 0), 'it has become slower, and owes one less').toBe(0);
  });

  test('received() takes a block that was released before it came, and no block of a piece not started', () => {
    const { picker, join } = pickerOf(2);
    const peer = join(0, 1);
    picker.pick(peer, 1, 0);
    const [{ index, begin, length }] = [...peer.requests.values()] as [
      { index: number; begin: number; length: number },
    ];
    picker.release(peer, index, begin);
    expect(picker.received(peer, 1 - index, begin, length)).toBe('unwanted');
    expect(picker.received(peer, index, begin, length - 1), 'not a whole block').toBe('unwanted');
    expect(picker.received(peer, index, begin + 1, length)).toBe('unwanted');
    expect(picker.received(peer, index, PIECE, length), 'beyond the end').toBe('unwanted');
    expect(picker.received(peer, 99, 0, length), 'no such piece').toBe('unwanted');
    expect(picker.received(peer, index, begin, length)).toBe('wanted');
    expect(picker.received(peer, index, begin, length)).toBe('unwanted');
  });

  test('pieceFailed() names the peer that sent the whole piece, and pick() does not ask it for the piece again', () => {
    const { picker, join } = pickerOf(1);
    const liar = join(0);
    picker.pick(liar, BLOCKS, 0);
    deliverAll(picker, liar);
    expect(picker.pieceFailed(0, WRONG)).toEqual([liar]);
    expect(picker.pick(liar, BLOCKS, 0)).toBe(0);
    const honest = join(0);
    expect(picker.pick(honest, BLOCKS, 0)).toBe(BLOCKS);
    deliverAll(picker, honest);
    picker.pieceVerified(0, RIGHT);
    expect(picker.wantedCount).toBe(0);
  });

  test('pieceFailed() makes pick() fetch a piece of several senders from one peer, which finds the culprit', () => {
    const { picker, join } = pickerOf(1);
    const [honest, liar] = [join(0), join(0)];
    picker.pick(honest, 1, 0);
    picker.pick(liar, BLOCKS - 1, 0);
    deliverAll(picker, honest);
    deliverAll(picker, liar);
    expect(picker.pieceFailed(0, WRONG), 'nobody knows yet').toEqual([]);
    expect(picker.pick(liar, 2, 0), 'nobody else is left').toBe(2);
    expect(picker.pick(honest, 1, 0), 'it is fetched from one alone').toBe(0);
    expect(picker.received(honest, 0, PIECE - BLOCK_BYTES, BLOCK_BYTES)).toBe('unwanted');
    deliverAll(picker, liar);
    picker.pick(liar, BLOCKS, 0);
    deliverAll(picker, liar);
    expect(picker.pieceFailed(0, WRONG)).toEqual([liar]);
    expect(picker.pick(liar, BLOCKS, 0)).toBe(0);
    expect(picker.pick(honest, BLOCKS, 0)).toBe(BLOCKS);
  });

  test('blocksFailed() makes pick() fetch only those blocks again, from any peer', () => {
    const { picker, join } = pickerOf(1);
    const [honest, liar] = [join(0), join(0)];
    picker.pick(honest, 1, 0);
    picker.pick(liar, BLOCKS - 1, 0);
    deliverAll(picker, honest);
    deliverAll(picker, liar);
    expect(picker.blocksFailed(0, [1, 3])).toEqual([liar]);
    expect(picker.isMissing(0, 0, BLOCK_BYTES)).toBe(false);
    expect(picker.isMissing(0, BLOCK_BYTES, BLOCK_BYTES)).toBe(true);
    picker.removePeer(liar);
    expect(picker.pick(honest, BLOCKS, 0)).toBe(2);
    deliverAll(picker, honest);
    expect(picker.soleSender(0)).toBe(honest);
    picker.pieceVerified(0, RIGHT);
    expect(picker.wantedCount).toBe(0);
  });

  test('pick() starts a failed piece again when the only peer that was asked for it is gone', () => {
    const { picker, join } = pickerOf(1);
    const [first, second] = [join(0), join(0)];
    picker.pick(first, BLOCKS - 1, 0);
    picker.pick(second, 1, 0);
    deliverAll(picker, first);
    deliverAll(picker, second);
    picker.pieceFailed(0, WRONG);
    expect(picker.pick(second, 1, 0), 'the other one is faster').toBe(0);
    picker.pick(first, 2, 0);
    deliverAll(picker, first);
    expect(picker.pick(second, 1, OVERDUE_MS), 'it is asked of one alone').toBe(0);
    picker.releaseAll(first);
    expect(picker.pick(second, BLOCKS, OVERDUE_MS)).toBe(BLOCKS);
    deliverAll(picker, second);
    expect(picker.soleSender(0)).toBe(second);
    expect(picker.pieceFailed(0, WRONG)).toEqual([second]);
  });

  test('setWanted() takes a piece out of the wanted ones, and puts it back', () => {
    const { picker, join } = pickerOf(2, 9, [0]);
    const peer = join(0, 1);
    picker.setWanted(1, false);
    expect([picker.wantedCount, picker.isInteresting(peer), picker.pick(peer, 1, 0)]).toEqual([0, false, 0]);
    picker.setWanted(1, true);
    expect([picker.wantedCount, picker.isInteresting(peer), picker.pick(peer, 1, 0)]).toEqual([1, true, 1]);
  });

  test('PiecePicker refuses a peer twice, an unknown peer, and a verdict on a piece that is not complete', () => {
    const { picker, join } = pickerOf(2);
    const peer = join(0);
    expect(() => picker.addPeer(peer)).toThrow('there already');
    expect(() => picker.pick(new FakePeer(new Bitfield(2)), 1, 0)).toThrow('was not added');
    expect(() => picker.pieceVerified(0, RIGHT)).toThrow('not being verified');
    expect(() => picker.pieceFailed(0, WRONG)).toThrow('not being verified');
  });
});

describe('PiecePicker with peers that are not proven', () => {
  const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

  test('gives a fresh peer one piece at a time until it has sent a right piece', () => {
    const { picker, joinFresh } = pickerOf(8);
    const peer = joinFresh(...ALL);
    expect(picker.pick(peer, 3 * BLOCKS, 0)).toBe(BLOCKS);
    expect(picker.pick(peer, 3 * BLOCKS, 0)).toBe(0);
    const [index] = piecesAsked(peer);
    deliverAll(picker, peer);
    picker.pieceVerified(index!, RIGHT);
    expect(picker.trustOf(peer)).toBe('proven');
    expect(picker.pick(peer, 3 * BLOCKS, 0)).toBe(3 * BLOCKS);
  });

  test('lets fresh peers share a piece when no other can be started, and proves none that sent less than a piece', () => {
    const { picker, joinFresh } = pickerOf(2, 1);
    const [one, other] = [joinFresh(0), joinFresh(0)];
    expect([picker.pick(one, 1, 0), picker.pick(other, 9, 0)], 'the last is asked of both').toEqual([
      1,
      BLOCKS,
    ]);
    deliverAll(picker, one);
    deliverAll(picker, other);
    picker.pieceVerified(0, RIGHT);
    expect([picker.trustOf(one), picker.trustOf(other)], 'neither has sent as much as a piece').toEqual([
      'fresh',
      'fresh',
    ]);
  });

  test('asks no fresh peer for blocks of a piece that a proven one is asked for', () => {
    const { picker, join, joinFresh } = pickerOf(1);
    const [proven, fresh] = [join(0), joinFresh(0)];
    picker.pick(proven, BLOCKS - 1, 0);
    expect(picker.pick(fresh, BLOCKS, 0)).toBe(0);
    expect(picker.pick(fresh, BLOCKS, 10 * LATE_MS)).toBe(0);
    picker.releaseAll(proven);
    expect(picker.pick(fresh, BLOCKS, 20 * LATE_MS), 'it is abandoned').toBe(BLOCKS);
  });

  test('suspects those senders of a wrong piece that were not proven', () => {
    const { picker, join, joinFresh } = pickerOf(8);
    const [proven, fresh] = [join(0), joinFresh(0)];
    picker.pick(fresh, 1, 0);
    deliverAll(picker, fresh);
    picker.pick(proven, BLOCKS, 0);
    deliverAll(picker, proven);
    expect(picker.pieceFailed(0, WRONG)).toEqual([]);
    expect([picker.trustOf(proven), picker.trustOf(fresh)]).toEqual(['proven', 'suspect']);
    expect(picker.pick(fresh, BLOCKS, 0)).toBe(0);
    expect(picker.pick(proven, BLOCKS, 0)).toBe(BLOCKS);
  });

  test('keeps a failed piece for a short time for a proven peer that sent nothing of it', () => {
    const { picker, join, joinFresh } = pickerOf(1);
    const [one, other] = [joinFresh(0), joinFresh(0)];
    picker.pick(one, 1, 0);
    picker.pick(other, BLOCKS, 0);
    deliverAll(picker, one);
    deliverAll(picker, other);
    picker.pieceFailed(0, WRONG);
    const [proven, fresh] = [join(0), joinFresh(0)];
    expect([picker.pick(fresh, BLOCKS, OVERDUE_MS - 1), picker.pick(one, BLOCKS, OVERDUE_MS - 1)]).toEqual([
      0, 0,
    ]);
    expect(picker.pick(one, BLOCKS, OVERDUE_MS), 'the proven one did not come').toBe(BLOCKS);
    expect(picker.pick(proven, BLOCKS, OVERDUE_MS)).toBe(0);
  });

  test('asks others for the blocks that a silent peer owes, and gives that peer nothing new for a while', () => {
    const { picker, join, joinFresh } = pickerOf(8, 2);
    const [silent, fresh, proven] = [joinFresh(0), joinFresh(0), join(0)];
    join(1);
    picker.pick(silent, BLOCKS, 0);
    expect([picker.pick(proven, 99, 1), picker.pick(fresh, 99, 1)]).toEqual([0, 0]);
    picker.release(silent, 0, 3 * BLOCK_BYTES);
    silent.requests.delete(`0:${3 * BLOCK_BYTES}`);
    expect(picker.pick(proven, 99, OVERDUE_MS)).toBe(BLOCKS);
    expect(beginsAsked(proven).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(silent.requests.size, 'what it sends is still taken').toBe(3);
    deliverAll(picker, proven);
    expect(silent.requests.size).toBe(0);
    picker.pieceFailed(0, WRONG);
    expect(picker.pick(silent, 99, OVERDUE_MS + FIRST_PAUSE_MS - 1)).toBe(0);
    expect(picker.rankOf(silent)).toBeGreaterThan(picker.rankOf(fresh));
    expect(picker.pick(silent, 99, OVERDUE_MS + FIRST_PAUSE_MS)).toBe(BLOCKS);
  });

  test('does not ask others for blocks that a peer owes while it still sends', () => {
    const { picker, join } = pickerOf(8, 1);
    const [slow, idle] = [join(0, 1), join(0, 1)];
    picker.pick(slow, BLOCKS, 0);
    picker.pick(idle, 99, OVERDUE_MS - 1);
    const [first] = slow.requests.values();
    picker.received(slow, first!.index, first!.begin, first!.length);
    slow.requests.delete(`${first!.index}:${first!.begin}`);
    expect(picker.pick(idle, 99, 2 * OVERDUE_MS - 2)).toBe(0);
    picker.pick(idle, 99, LATE_MS - 1);
    expect(picker.pick(idle, 99, LATE_MS + FIRST_PAUSE_MS)).toBe(0);
  });

  test('asks a third peer for the blocks of a silent one as soon as the second gives them back', () => {
    const { picker, join } = pickerOf(3);
    join(1);
    const [silent, lively, third] = [join(0), join(0), join(0, 2)];
    picker.pick(silent, BLOCKS, 0);
    picker.pick(lively, BLOCKS, OVERDUE_MS);
    const late = 2 * OVERDUE_MS;
    picker.pick(third, BLOCKS, late - 2);
    picker.began(lively);
    expect(picker.pick(third, BLOCKS, late), 'it sends').toBe(0);
    picker.releaseAll(lively);
    expect(picker.pick(third, BLOCKS, late)).toBe(BLOCKS);
    expect(piecesAsked(third)).toEqual([2, 0]);
  });

  test('keeps room for a proven peer among the peers that are asked for a block', () => {
    const { picker, join, joinFresh } = pickerOf(1);
    const fresh = [joinFresh(0), joinFresh(0), joinFresh(0), joinFresh(0)];
    const asked = fresh.map((peer) => picker.pick(peer, 99, 0));
    expect(asked).toEqual([BLOCKS, BLOCKS, 0, 0]);
    expect(picker.pick(join(0), 99, 0)).toBe(BLOCKS);
  });

  test('takes a failed piece away from the only peer that is asked for it when that peer is silent', () => {
    const { picker, joinFresh } = pickerOf(1);
    const [one, other] = [joinFresh(0), joinFresh(0)];
    picker.pick(one, 1, 0);
    picker.pick(other, BLOCKS, 0);
    deliverAll(picker, one);
    deliverAll(picker, other);
    picker.pieceFailed(0, WRONG);
    expect(picker.pick(one, BLOCKS, 10_000)).toBe(BLOCKS);
    expect(picker.pick(other, BLOCKS, 10_000 + OVERDUE_MS - 1)).toBe(0);
    expect(picker.pick(other, BLOCKS, 10_000 + OVERDUE_MS + 300)).toBe(BLOCKS);
    expect(one.requests.size, 'it is cancelled').toBe(0);
  });

  test('takes a failed piece away from the only peer that is asked for it when another was much faster', () => {
    const { picker, joinFresh } = pickerOf(1);
    const [slow, fast] = [joinFresh(0), joinFresh(0)];
    picker.pick(slow, 1, 0);
    picker.pick(fast, BLOCKS - 1, 0);
    deliverAll(picker, slow);
    deliverAll(picker, fast);
    picker.pieceFailed(0, WRONG);
    expect(picker.pick(slow, BLOCKS, 10_000)).toBe(BLOCKS);
    picker.pick(fast, 0, 11_400);
    picker.received(slow, 0, 0, BLOCK_BYTES);
    expect(picker.pick(fast, BLOCKS, 10_000 + OVERDUE_MS - 1)).toBe(0);
    expect(picker.pick(fast, BLOCKS, 10_000 + OVERDUE_MS + 300)).toBe(BLOCKS);
    expect(slow.requests.size, 'it is cancelled, but for what came').toBe(1);
  });

  test('replace() takes a block away from a peer that is not proven or does not go on with it', () => {
    const { picker, join, joinFresh } = pickerOf(1);
    const [fresh, one, other] = [joinFresh(0), join(0), join(0)];
    picker.pick(fresh, 1, 0);
    picker.began(fresh);
    for (const peer of [one, other]) picker.pick(peer, 99, 0);
    expect(picker.replace(fresh, one, 0, 0)).toBe(true);
    expect(fresh.requests.size, 'it is cancelled').toBe(0);
    picker.began(one);
    expect(picker.replace(one, fresh, 0, 0)).toBe(false);
    expect(picker.replace(one, other, 0, 0)).toBe(false);
    picker.pick(other, 99, OVERDUE_MS);
    expect(picker.replace(one, other, 0, 0)).toBe(true);
    expect(picker.replace(one, other, 0, 0), 'it is not asked for it any more').toBe(false);
  });

  test('discard() makes only the blocks of a peer that sends wrong blocks missing again', () => {
    const { picker, join, joinFresh } = pickerOf(2);
    const [bad, good] = [joinFresh(0), join(0)];
    picker.pick(bad, 2, 0);
    deliverAll(picker, bad);
    picker.pick(good, 1, 0);
    deliverAll(picker, good);
    picker.discard(bad);
    expect([0, 1, 2, 3].map((block) => picker.isMissing(0, block * BLOCK_BYTES, BLOCK_BYTES))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    picker.removePeer(bad);
    expect(picker.pick(good, 9, 0)).toBe(3);
    deliverAll(picker, good);
    picker.discard(good);
    expect(picker.soleSender(0), 'it is whole, and being checked').toBe(good);
  });

  test('asks twice as many peers for a block each time that it is overdue, up to a limit', () => {
    const { picker, joinFresh } = pickerOf(1);
    picker.pick(joinFresh(0), BLOCKS, 0);
    const asked: number[] = [];
    for (let now = OVERDUE_MS; asked.length < 6; now += OVERDUE_MS) {
      const peers = Array.from({ length: 20 }, () => joinFresh(0));
      for (const peer of peers) picker.pick(peer, 1, now);
      asked.push(peers.filter((peer) => beginsAsked(peer).includes(0)).length);
    }
    expect(asked, 'at first by endgame').toEqual([1, 1, 2, 4, 8, 15]);
  });
});
