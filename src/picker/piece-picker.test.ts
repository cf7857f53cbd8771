import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield, seededRandom } from '../util/index.ts';
import { MAX_REQUESTERS } from './active-piece.ts';
import { BLOCK_BYTES } from './block.ts';
import type { PickerPeer } from './picker-peer.ts';
import { MIN_ENDGAME_WINDOW } from './picker-peer.ts';
import { PiecePicker } from './piece-picker.ts';

/** A peer that remembers what it was asked for. */
class FakePeer implements PickerPeer {
  readonly pieces: Bitfield;
  readonly requests = new Map<string, { index: number; begin: number; length: number }>();
  readonly onRequest: (peer: FakePeer, index: number, begin: number) => void;

  constructor(pieces: Bitfield, onRequest: FakePeer['onRequest'] = () => {}) {
    this.pieces = pieces;
    this.onRequest = onRequest;
  }

  request(index: number, begin: number, length: number): void {
    const key = `${index}:${begin}`;
    expect(this.requests.has(key), `${key} is asked of a peer twice`).toBe(false);
    expect(this.pieces.has(index), `${key} is asked of a peer without it`).toBe(true);
    this.onRequest(this, index, begin);
    this.requests.set(key, { index, begin, length });
  }

  cancel(index: number, begin: number): void {
    expect(this.requests.delete(`${index}:${begin}`), 'what is cancelled was requested').toBe(true);
  }
}

type ModelState = 'have' | 'queued' | 'active' | 'verifying' | 'notNeeded';

/** What the picker claims to do, done by looking at everything each time; checks the picker at every step. */
class Model {
  readonly pieceCount: number;
  readonly pieceLength: number;
  readonly buffers: number;
  readonly states: ModelState[];
  /** Blocks of active pieces that came, by piece. */
  readonly received = new Map<number, Map<number, FakePeer>>();
  readonly guilty = new Map<number, Set<FakePeer>>();
  readonly suspects = new Map<number, Set<FakePeer>>();
  /** Who is asked for a piece that failed before. */
  readonly sole = new Map<number, FakePeer>();
  readonly peers: FakePeer[] = [];
  readonly picker: PiecePicker<FakePeer>;
  picking: FakePeer | undefined;
  wasRefused = false;

  constructor(pieceCount: number, blocksPerPiece: number, buffers: number, seed: number) {
    this.pieceCount = pieceCount;
    this.pieceLength = blocksPerPiece * BLOCK_BYTES;
    this.buffers = buffers;
    this.states = new Array<ModelState>(pieceCount).fill('queued');
    this.picker = new PiecePicker<FakePeer>({
      pieceCount,
      pieceLength: this.pieceLength,
      pieceLengthAt: (index) => this.lengthAt(index),
      have: new Bitfield(pieceCount),
      random: seededRandom(seed),
      buffers: {
        reserve: (index) => this.reserve(index),
        giveUp: (index) => {
          expect(this.states[index]).toBe('active');
          expect(this.isIdle(index), 'only an idle piece is given up').toBe(true);
          this.received.delete(index);
          this.sole.delete(index);
          this.states[index] = 'queued';
        },
      },
    });
  }

  lengthAt(index: number): number {
    return index === this.pieceCount - 1 ? this.pieceLength - 5000 : this.pieceLength;
  }

  blocksOf(index: number): number[] {
    return Array.from({ length: Math.ceil(this.lengthAt(index) / BLOCK_BYTES) }, (_, block) => block);
  }

  piecesIn(...states: ModelState[]): number[] {
    return this.states.flatMap((state, index) => (states.includes(state) ? [index] : []));
  }

  availability(index: number): number {
    return this.peers.filter((peer) => peer.pieces.has(index)).length;
  }

  requesters(index: number, block: number): number {
    return this.peers.filter((peer) => peer.requests.has(`${index}:${block * BLOCK_BYTES}`)).length;
  }

  isFree(index: number, block: number): boolean {
    return !this.received.get(index)!.has(block) && this.requesters(index, block) === 0;
  }

  isIdle(index: number): boolean {
    return this.blocksOf(index).every((block) => this.requesters(index, block) === 0);
  }

  mayAsk(peer: FakePeer, index: number): boolean {
    const isBlamed = (other: FakePeer) =>
      this.guilty.get(index)?.has(other) || this.suspects.get(index)?.has(other) || false;
    if (this.guilty.get(index)?.has(peer)) return false;
    return !isBlamed(peer) || this.peers.every((other) => !other.pieces.has(index) || isBlamed(other));
  }

  isAlone(index: number): boolean {
    return this.guilty.has(index);
  }

  eligible(peer: FakePeer): number[] {
    return this.piecesIn('queued').filter((index) => peer.pieces.has(index) && this.mayAsk(peer, index));
  }

  isEndgame(): boolean {
    if (this.piecesIn('queued').some((index) => this.availability(index) > 0)) return false;
    return this.piecesIn('active').every(
      (index) =>
        this.availability(index) === 0 || this.blocksOf(index).every((block) => !this.isFree(index, block)),
    );
  }

  reserve(index: number): boolean {
    const eligible = this.eligible(this.picking!);
    expect(eligible).toContain(index);
    if (this.piecesIn('have').length > 0) {
      const rarest = Math.min(...eligible.map((other) => this.availability(other)));
      expect(this.availability(index), 'a started piece is among the rarest').toBe(rarest);
    }
    if (this.piecesIn('active', 'verifying').length >= this.buffers) {
      this.wasRefused = true;
      return false;
    }
    this.states[index] = 'active';
    this.received.set(index, new Map());
    return true;
  }

  onRequest(peer: FakePeer, index: number, begin: number): void {
    expect(this.states[index]).toBe('active');
    expect(
      this.mayAsk(peer, index) || this.sole.get(index) === peer,
      'a peer that sent a bad piece is not asked again',
    ).toBe(true);
    const block = begin / BLOCK_BYTES;
    if (this.isAlone(index)) {
      this.sole.set(index, peer);
      const others = this.peers.filter((other) => other !== peer);
      expect(
        others.some((other) => [...other.requests.values()].some((asked) => asked.index === index)),
      ).toBe(false);
      if ([...this.received.get(index)!.values()].some((sender) => sender !== peer)) {
        this.received.set(index, new Map());
      }
    }
    expect(this.received.get(index)!.has(block), 'a block that is there is not requested').toBe(false);
    if (this.requesters(index, block) > 0) {
      expect(this.isEndgame(), 'only endgame requests a block twice').toBe(true);
      expect(this.requesters(index, block)).toBeLessThan(MAX_REQUESTERS);
    }
  }

  join(pieces: number[]): void {
    const bitfield = new Bitfield(this.pieceCount);
    for (const index of pieces) bitfield.add(index % this.pieceCount);
    const peer = new FakePeer(bitfield, (...request) => this.onRequest(...request));
    this.peers.push(peer);
    this.picker.addPeer(peer);
  }

  leave(peer: FakePeer): void {
    this.forgetRequests(peer);
    this.peers.splice(this.peers.indexOf(peer), 1);
    for (const blamed of [...this.guilty.values(), ...this.suspects.values()]) blamed.delete(peer);
    this.picker.removePeer(peer);
  }

  gain(peer: FakePeer, index: number): void {
    if (peer.pieces.add(index)) this.picker.peerHas(peer, index);
  }

  pick(peer: FakePeer, count: number): void {
    const before = peer.requests.size;
    this.picking = peer;
    this.wasRefused = false;
    const picked = this.picker.pick(peer, count);
    this.picking = undefined;
    expect(peer.requests.size).toBe(before + picked);
    expect(picked).toBeLessThanOrEqual(count);
    if (picked === count) return;
    if (!this.wasRefused) expect(this.eligible(peer), 'nothing was left to start').toEqual([]);
    for (const index of this.piecesIn('active')) {
      if (!peer.pieces.has(index) || !this.mayAsk(peer, index) || this.isAlone(index)) continue;
      const free = this.blocksOf(index).filter((block) => this.isFree(index, block));
      expect(free, 'no free block was left').toEqual([]);
    }
  }

  deliver(peer: FakePeer, index: number, begin: number): void {
    const block = begin / BLOCK_BYTES;
    const length = Math.min(BLOCK_BYTES, this.lengthAt(index) - begin);
    const wasRequested = peer.requests.delete(`${index}:${begin}`);
    const isMissing = this.states[index] === 'active' && !this.received.get(index)!.has(block);
    expect(this.picker.isMissing(index, begin, length)).toBe(isMissing);
    const receipt = this.picker.received(peer, index, begin, length);
    if (wasRequested) expect(receipt, 'a requested block is wanted').not.toBe('unwanted');
    if (!isMissing) expect(receipt).toBe('unwanted');
    if (receipt === 'unwanted') return;
    this.received.get(index)!.set(block, peer);
    expect(this.requesters(index, block), 'nobody else is asked for it any more').toBe(0);
    const isComplete = this.received.get(index)!.size === this.blocksOf(index).length;
    expect(receipt).toBe(isComplete ? 'completed' : 'wanted');
    if (isComplete) this.states[index] = 'verifying';
    expect(new Set(this.picker.contributors(index))).toEqual(new Set(this.received.get(index)!.values()));
  }

  settle(index: number, isGood: boolean): void {
    const senders = new Set(this.received.get(index)!.values());
    this.received.delete(index);
    this.sole.delete(index);
    if (isGood) {
      this.picker.pieceVerified(index);
      this.states[index] = 'have';
      this.guilty.delete(index);
      this.suspects.delete(index);
      return;
    }
    expect(new Set(this.picker.pieceFailed(index))).toEqual(senders);
    this.states[index] = 'queued';
    const guilty = this.guilty.get(index) ?? new Set();
    const suspects = this.suspects.get(index) ?? new Set();
    this.guilty.set(index, guilty);
    this.suspects.set(index, suspects);
    // A sender that has left is a stranger when it comes back.
    for (const sender of senders)
      if (this.peers.includes(sender)) (senders.size === 1 ? guilty : suspects).add(sender);
  }

  release(peer: FakePeer, index: number, begin: number): void {
    peer.requests.delete(`${index}:${begin}`);
    this.picker.release(peer, index, begin);
  }

  releaseAll(peer: FakePeer): void {
    this.forgetRequests(peer);
    this.picker.releaseAll(peer);
  }

  forgetRequests(peer: FakePeer): void {
    peer.requests.clear();
    for (const [index, sole] of this.sole) if (sole === peer) this.sole.delete(index);
  }

  setNeeded(index: number, isNeeded: boolean): void {
    this.picker.setNeeded(index, isNeeded);
    if (isNeeded && this.states[index] === 'notNeeded') this.states[index] = 'queued';
    if (!isNeeded && this.states[index] === 'queued') this.states[index] = 'notNeeded';
  }

  check(): void {
    const wanted = this.piecesIn('queued', 'active', 'verifying');
    expect(this.picker.wantedCount).toBe(wanted.length);
    expect(this.picker.isDone).toBe(wanted.length === 0);
    expect(this.picker.isEndgame).toBe(this.piecesIn('active').length > 0 && this.isEndgame());
    for (let index = 0; index < this.pieceCount; index += 1) {
      expect(this.picker.availability(index)).toBe(this.availability(index));
    }
    for (const peer of this.peers) {
      expect(this.picker.isInteresting(peer)).toBe(wanted.some((index) => peer.pieces.has(index)));
    }
  }

  /** A seed joins, everything wanted arrives and is good. */
  finish(): void {
    for (let index = 0; index < this.pieceCount; index += 1) this.setNeeded(index, true);
    this.join(Array.from({ length: this.pieceCount }, (_, index) => index));
    for (let round = 0; !this.picker.isDone; round += 1) {
      expect(round, 'everything arrives in the end').toBeLessThan(1000);
      for (const index of this.piecesIn('verifying')) this.settle(index, true);
      for (const peer of this.peers) {
        this.pick(peer, 1 + (round % 7));
        const [first] = peer.requests.values();
        if (first !== undefined) this.deliver(peer, first.index, first.begin);
      }
      this.check();
    }
    for (const peer of this.peers) expect(peer.requests.size).toBe(0);
  }
}

const step = fc.record({
  kind: fc.constantFrom(
    ...['join', 'leave', 'gain', 'gain', 'pick', 'pick', 'pick', 'pick', 'stray', 'release', 'releaseAll'],
    ...['deliver', 'deliver', 'deliver', 'deliver', 'deliverAll', 'good', 'bad', 'need', 'drop'],
  ),
  who: fc.nat(100),
  which: fc.nat(100),
  amount: fc.integer({ min: 1, max: 12 }),
  pieces: fc.oneof(
    fc.array(fc.nat(30), { maxLength: 10 }),
    fc.constant(Array.from({ length: 31 }, (_, i) => i)),
  ),
});

function play(
  model: Model,
  { kind, who, which, amount, pieces }: typeof step extends fc.Arbitrary<infer S> ? S : never,
) {
  const index = which % model.pieceCount;
  if (kind === 'join' && model.peers.length < 8) return model.join(pieces);
  if (kind === 'good' || kind === 'bad') {
    const verifying = model.piecesIn('verifying');
    if (verifying.length > 0) model.settle(verifying[which % verifying.length]!, kind === 'good');
    return;
  }
  if (kind === 'need' || kind === 'drop') return model.setNeeded(index, kind === 'need');
  const peer = model.peers[who % model.peers.length];
  if (peer === undefined) return;
  const requests = [...peer.requests.values()];
  const request = requests[which % requests.length];
  if (kind === 'leave') model.leave(peer);
  if (kind === 'gain') model.gain(peer, index);
  if (kind === 'pick') model.pick(peer, amount);
  if (kind === 'stray') model.deliver(peer, index, (who % model.blocksOf(index).length) * BLOCK_BYTES);
  if (kind === 'releaseAll') model.releaseAll(peer);
  if (kind === 'release' && request) model.release(peer, request.index, request.begin);
  if (kind === 'deliver' && request) model.deliver(peer, request.index, request.begin);
  if (kind === 'deliverAll') for (const each of requests) model.deliver(peer, each.index, each.begin);
}

describe('PiecePicker', () => {
  test('PiecePicker agrees with a naive model whatever peers do, and always finishes', () => {
    fc.assert(
      fc.property(
        fc.record({
          pieceCount: fc.integer({ min: 1, max: 20 }),
          blocks: fc.integer({ min: 1, max: 5 }),
          buffers: fc.integer({ min: 1, max: 8 }),
          seed: fc.integer(),
        }),
        fc.array(step, { minLength: 10, maxLength: 250, size: 'max' }),
        ({ pieceCount, blocks, buffers, seed }, steps) => {
          const model = new Model(pieceCount, blocks, buffers, seed);
          for (const each of steps) {
            play(model, each);
            model.check();
          }
          model.finish();
        },
      ),
      { numRuns: 100 },
    );
  });

  const BLOCKS = 4;
  const PIECE = BLOCKS * BLOCK_BYTES;

  function pickerOf(
    pieceCount: number,
    buffers = Number.POSITIVE_INFINITY,
    have: readonly number[] = [],
    seed = 1,
  ) {
    const there = new Bitfield(pieceCount);
    for (const index of have) there.add(index);
    let used = 0;
    const picker = new PiecePicker<FakePeer>({
      pieceCount,
      pieceLength: PIECE,
      pieceLengthAt: () => PIECE,
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
