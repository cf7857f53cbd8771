import { describe, expect, test } from 'vitest';
import { Bitfield, seededRandom } from '../util/index.ts';
import { BLOCK_BYTES } from './block.ts';
import { MIN_ENDGAME_WINDOW, type PickerPeer } from './picker-peer.ts';
import { PiecePicker } from './piece-picker.ts';

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
  const join = (...pieces: number[]) => {
    const bitfield = new Bitfield(pieceCount);
    for (const index of pieces) bitfield.add(index);
    const peer = new FakePeer(bitfield);
    picker.addPeer(peer);
    return peer;
  };
  return { picker, join };
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
  test('pick() gives fast peers pieces of their own and lets slow peers share one', () => {
    const { picker, join } = pickerOf(8);
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    const [fast, faster, slow, slower] = [join(...all), join(...all), join(...all), join(...all)];
    expect(picker.pick(fast, BLOCKS)).toBe(BLOCKS);
    expect(picker.pick(faster, 2 * BLOCKS)).toBe(2 * BLOCKS);
    expect(piecesAsked(fast)).toHaveLength(1);
    expect(piecesAsked(faster)).toHaveLength(2);
    picker.pick(slow, 1);
    picker.pick(slower, 2);
    expect(piecesAsked(slow)).toEqual(piecesAsked(slower));
    expect(beginsAsked(slower)).toEqual([1, 2]);
  });

  test('pick() gives a peer that is asked for 1 MiB at a time pieces of its own, though they are longer', () => {
    const { picker, join } = pickerOf(8, 9, [], 1, 256);
    const [seed, other, slow] = [join(0, 1, 2, 3), join(0, 1, 2, 3), join(0, 1, 2, 3)];
    picker.pick(seed, 64);
    picker.pick(other, 64);
    expect(piecesAsked(other)).toHaveLength(1);
    expect(piecesAsked(other)).not.toEqual(piecesAsked(seed));
    picker.pick(slow, 63);
    expect([...piecesAsked(seed), ...piecesAsked(other)]).not.toContain(piecesAsked(slow)[0]);
  });

  test('pick() goes on with what a fast peer left behind before it starts another piece', () => {
    const { picker, join } = pickerOf(8);
    const [gone, next] = [join(0, 1, 2, 3), join(0, 1, 2, 3)];
    picker.pick(gone, BLOCKS);
    const [left] = piecesAsked(gone);
    picker.removePeer(gone);
    picker.pick(next, BLOCKS);
    expect(piecesAsked(next)).toEqual([left]);
  });

  test('pick() lets a peer join a piece of another one when no buffer is free', () => {
    const { picker, join } = pickerOf(8, 1);
    const [owner, other] = [join(0, 1), join(0, 1)];
    picker.pick(owner, BLOCKS);
    const [first] = owner.requests.values();
    picker.release(owner, first!.index, first!.begin);
    expect(picker.pick(other, BLOCKS)).toBe(1);
    expect([...other.requests.values()]).toEqual([first]);
  });

  test('pick() gives up a piece nobody is asked for when a peer has nothing else to do', () => {
    const { picker, join } = pickerOf(8, 1);
    const [first, second] = [join(0), join(1)];
    picker.pick(first, BLOCKS);
    expect(picker.pick(second, BLOCKS)).toBe(0);
    first.requests.clear();
    picker.releaseAll(first);
    expect(picker.pick(second, BLOCKS)).toBe(BLOCKS);
    expect(picker.isMissing(0, 0, BLOCK_BYTES)).toBe(false);
  });

  test('pick() chooses the first piece of all at random and then the rarest', () => {
    const chosen = { first: new Set<number>(), next: new Set<number>() };
    for (let seed = 0; seed < 100; seed += 1) {
      for (const [when, have] of [
        ['first', []],
        ['next', [0]],
      ] as const) {
        const { picker, join } = pickerOf(8, 9, have, seed);
        join(0, 1, 2, 3, 4, 5);
        const peer = join(0, 1, 2, 3, 4, 5, 6, 7);
        picker.pick(peer, 1);
        for (const index of piecesAsked(peer)) chosen[when].add(index);
      }
    }
    expect(chosen.first).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(chosen.next).toEqual(new Set([6, 7]));
  });

  test('pick() gives a peer that is owed nothing a piece that waits at another, the one most peers have, and once', () => {
    const { picker, join } = pickerOf(6, Number.POSITIVE_INFINITY, [5]);
    const seed = join(0, 1, 2, 3, 4, 5);
    expect(picker.pick(seed, 3 * BLOCKS)).toBe(3 * BLOCKS);
    const [rare, common] = piecesAsked(seed) as [number, number, number];
    const [idle, other] = [join(rare, common), join(common)];
    expect(picker.pick(idle, 1000)).toBe(BLOCKS);
    expect(piecesAsked(idle)).toEqual([common]);
    expect(piecesAsked(seed)).not.toContain(common);
    expect(picker.pick(other, 1000), 'it has changed hands').toBe(0);
    expect(picker.pick(idle, 1000), 'it is owed something').toBe(0);
    deliverAll(picker, idle);
    expect(picker.pick(idle, 1000), 'the other one has something else to send first').toBe(BLOCKS);
    expect(piecesAsked(idle)).toEqual([rare]);
    expect(piecesAsked(seed)).toHaveLength(1);
  });

  test('pick() takes no piece from a peer that has begun to send it', () => {
    const { picker, join } = pickerOf(4, Number.POSITIVE_INFINITY, [3]);
    const seed = join(0, 1, 2, 3);
    picker.pick(seed, 2 * BLOCKS);
    const idle = join(...piecesAsked(seed));
    for (const index of piecesAsked(seed)) {
      seed.requests.delete(`${index}:0`);
      picker.received(seed, index, 0, BLOCK_BYTES);
    }
    expect(picker.pick(idle, 1000)).toBe(0);
  });

  test('pick() asks for the last blocks of a piece again in endgame, of a bounded number of peers', () => {
    const { picker, join } = pickerOf(1);
    const [slow, ...fast] = [join(0), join(0), join(0), join(0)];
    picker.pick(slow!, BLOCKS);
    expect(picker.isEndgame).toBe(true);
    expect(picker.pick(fast[0]!, 2)).toBe(2);
    expect(beginsAsked(fast[0]!)).toEqual([3, 2]);
    expect(picker.pick(fast[1]!, 3)).toBe(3);
    expect(beginsAsked(fast[1]!), 'first those asked of one peer only').toEqual([1, 0, 3]);
    expect(picker.pick(fast[2]!, 9)).toBe(3);
    expect(picker.pick(fast[2]!, 9), 'no block is asked of more than three').toBe(0);
    for (const { index, begin, length } of slow!.requests.values()) {
      slow!.requests.delete(`${index}:${begin}`);
      expect(picker.received(slow!, index, begin, length)).not.toBe('unwanted');
    }
    expect(fast.flatMap((peer) => [...peer.requests])).toEqual([]);
    expect(picker.received(fast[0]!, 0, 3 * BLOCK_BYTES, BLOCK_BYTES)).toBe('unwanted');
  });

  test('pick() asks for a few blocks at a time again in endgame, and for more of a peer whose blocks come first', () => {
    const all = Array.from({ length: 8 }, (_, index) => index);
    const { picker, join } = pickerOf(all.length);
    const [slow, fast] = [join(...all), join(...all)];
    picker.pick(slow, all.length * BLOCKS);
    expect(picker.pick(fast, 99)).toBe(MIN_ENDGAME_WINDOW);
    expect(picker.pick(fast, 99), 'while those are on the way').toBe(0);
    for (const { index, begin, length } of [...fast.requests.values()]) {
      fast.requests.delete(`${index}:${begin}`);
      picker.received(fast, index, begin, length);
    }
    expect(picker.pick(fast, 99)).toBe(2 * MIN_ENDGAME_WINDOW);
    const [{ index, begin, length }] = [...fast.requests.values()] as [
      { index: number; begin: number; length: number },
    ];
    slow.requests.delete(`${index}:${begin}`);
    picker.received(slow, index, begin, length);
    expect(picker.pick(fast, 99), 'it has become slower, and owes one less').toBe(0);
  });

  test('received() takes a block that was released in the meantime, and none of a piece that is not started', () => {
    const { picker, join } = pickerOf(2);
    const peer = join(0, 1);
    picker.pick(peer, 1);
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

  test('pieceFailed() names who sent the piece, and one that sent it alone is not asked again', () => {
    const { picker, join } = pickerOf(1);
    const liar = join(0);
    picker.pick(liar, BLOCKS);
    deliverAll(picker, liar);
    expect(picker.pieceFailed(0)).toEqual([liar]);
    expect(picker.pick(liar, BLOCKS)).toBe(0);
    const honest = join(0);
    expect(picker.pick(honest, BLOCKS)).toBe(BLOCKS);
    deliverAll(picker, honest);
    picker.pieceVerified(0);
    expect(picker.isDone).toBe(true);
  });

  test('pieceFailed() has a piece that several sent fetched from one alone, which finds the culprit', () => {
    const { picker, join } = pickerOf(1);
    const [honest, liar] = [join(0), join(0)];
    picker.pick(honest, 1);
    picker.pick(liar, BLOCKS - 1);
    deliverAll(picker, honest);
    deliverAll(picker, liar);
    expect(new Set(picker.pieceFailed(0))).toEqual(new Set([honest, liar]));
    expect(picker.pick(liar, 2), 'nobody else is left').toBe(2);
    expect(picker.pick(honest, 1), 'it is fetched from one alone').toBe(0);
    expect(picker.received(honest, 0, PIECE - BLOCK_BYTES, BLOCK_BYTES)).toBe('unwanted');
    deliverAll(picker, liar);
    picker.pick(liar, BLOCKS);
    deliverAll(picker, liar);
    expect(picker.pieceFailed(0)).toEqual([liar]);
    expect(picker.pick(liar, BLOCKS)).toBe(0);
    expect(picker.pick(honest, BLOCKS)).toBe(BLOCKS);
  });

  test('blocksFailed() has only those blocks fetched again, of anybody', () => {
    const { picker, join } = pickerOf(1);
    const [honest, liar] = [join(0), join(0)];
    picker.pick(honest, 1);
    picker.pick(liar, BLOCKS - 1);
    deliverAll(picker, honest);
    deliverAll(picker, liar);
    picker.blocksFailed(0, [1, 3]);
    expect(picker.contributors(0)).toEqual([]);
    expect(picker.isMissing(0, 0, BLOCK_BYTES)).toBe(false);
    expect(picker.isMissing(0, BLOCK_BYTES, BLOCK_BYTES)).toBe(true);
    picker.removePeer(liar);
    expect(picker.pick(honest, BLOCKS)).toBe(2);
    deliverAll(picker, honest);
    expect(picker.contributors(0)).toEqual([honest]);
    picker.pieceVerified(0);
    expect(picker.isDone).toBe(true);
  });

  test('pick() starts a failed piece over when the one peer it was asked of is gone', () => {
    const { picker, join } = pickerOf(1);
    const [first, second] = [join(0), join(0)];
    picker.pick(first, 1);
    picker.pick(second, BLOCKS - 1);
    deliverAll(picker, first);
    deliverAll(picker, second);
    picker.pieceFailed(0);
    picker.pick(first, 2);
    deliverAll(picker, first);
    expect(picker.pick(second, 1), 'it is asked of one alone').toBe(0);
    picker.releaseAll(first);
    expect(picker.pick(second, BLOCKS)).toBe(BLOCKS);
    deliverAll(picker, second);
    expect(picker.contributors(0)).toEqual([second]);
    expect(picker.pieceFailed(0)).toEqual([second]);
  });

  test('setNeeded() leaves out a piece and takes it in again', () => {
    const { picker, join } = pickerOf(2, 9, [0]);
    const peer = join(0, 1);
    picker.setNeeded(1, false);
    expect([picker.isDone, picker.isInteresting(peer), picker.pick(peer, 1)]).toEqual([true, false, 0]);
    picker.setNeeded(1, true);
    expect([picker.isDone, picker.isInteresting(peer), picker.pick(peer, 1)]).toEqual([false, true, 1]);
  });

  test('PiecePicker refuses what cannot be: a peer twice, a peer unknown, a verdict nobody waits for', () => {
    const { picker, join } = pickerOf(2);
    const peer = join(0);
    expect(() => picker.addPeer(peer)).toThrow('there already');
    expect(() => picker.pick(new FakePeer(new Bitfield(2)), 1)).toThrow('was not added');
    expect(() => picker.pieceVerified(0)).toThrow('not being verified');
    expect(() => picker.pieceFailed(0)).toThrow('not being verified');
  });
});
