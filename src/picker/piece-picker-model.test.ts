import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../metainfo/index.ts';
import { Bitfield, seededRandom } from '../util/index.ts';
import { MAX_REQUESTERS, MAX_RESCUERS } from './active-piece.ts';
import type { PickerPeer } from './picker-peer.ts';
import { PiecePicker } from './piece-picker.ts';
import { OVERDUE_MS, type Trust } from './trust.ts';

/** A peer that remembers what it was asked for. */
class FakePeer implements PickerPeer {
  readonly pieces: Bitfield;
  readonly takesPartBlocks: boolean;
  readonly requests = new Map<string, { index: number; begin: number; length: number }>();
  readonly onRequest: (peer: FakePeer, index: number, begin: number, length: number) => void;

  constructor(pieces: Bitfield, takesPartBlocks = true, onRequest: FakePeer['onRequest'] = () => {}) {
    this.pieces = pieces;
    this.takesPartBlocks = takesPartBlocks;
    this.onRequest = onRequest;
  }

  request(index: number, begin: number, length: number): void {
    const key = `${index}:${begin}`;
    expect(this.requests.has(key), `${key} is asked of a peer twice`).toBe(false);
    expect(this.pieces.has(index), `${key} is asked of a peer without it`).toBe(true);
    this.onRequest(this, index, begin, length);
    this.requests.set(key, { index, begin, length });
  }

  cancel(index: number, begin: number, length: number): void {
    const key = `${index}:${begin}`;
    expect(this.requests.get(key)?.length, 'what is cancelled was requested').toBe(length);
    this.requests.delete(key);
  }
}

type ModelState = 'have' | 'queued' | 'active' | 'verifying' | 'unwanted';

/** A model of what the picker claims to do, which looks at everything each time and checks the picker at every step. */
class Model {
  readonly pieceCount: number;
  readonly pieceLength: number;
  readonly buffers: number;
  /** By piece, where it has pad bytes: bytes wanted of each block. */
  readonly wantedLengths: readonly (readonly number[] | undefined)[];
  readonly states: ModelState[];
  /** Blocks that arrived of active pieces, by piece; they have no sender once they are known to be right. */
  readonly received = new Map<number, Map<number, FakePeer | undefined>>();
  readonly guilty = new Map<number, Set<FakePeer>>();
  readonly suspects = new Map<number, Set<FakePeer>>();
  /** The peers that sent blocks of pieces whose hash was wrong, where they were several. */
  readonly liars = new Map<number, Set<FakePeer>>();
  /** The peer that is asked for a piece that failed before. */
  readonly sole = new Map<number, FakePeer>();
  readonly peers: FakePeer[] = [];
  readonly picker: PiecePicker<FakePeer>;
  /** Pieces that others left behind, and a suspect goes on with. */
  readonly adopted = new Set<number>();
  /** Blocks that were overdue at some time. */
  readonly overdue = new Set<string>();
  /** The time at which each block was asked for last. */
  readonly askedAt = new Map<string, number>();
  readonly failedAt = new Map<number, number>();
  picking: FakePeer | undefined;
  wasRefused = false;
  now = 0;
  /** The time at which the picker was asked last: it knows no other time. */
  pickedAt = 0;

  constructor(pieceCount: number, blocksPerPiece: number, buffers: number, seed: number, pads: number) {
    this.pieceCount = pieceCount;
    this.pieceLength = blocksPerPiece * BLOCK_BYTES;
    this.buffers = buffers;
    this.wantedLengths = Array.from({ length: pieceCount }, (_, index) => this.padded(index, pads));
    this.states = new Array<ModelState>(pieceCount).fill('queued');
    this.picker = new PiecePicker<FakePeer>({
      pieceCount,
      pieceLength: this.pieceLength,
      pieceLengthAt: (index) => this.lengthAt(index),
      wantedLengthsAt: (index) => this.wantedLengths[index],
      have: new Bitfield(pieceCount),
      random: seededRandom(seed),
      buffers: {
        reserve: (index, trials) => {
          const isProven = this.picker.trustOf(this.picking!) === 'proven';
          expect(trials === undefined, 'who is not proven counts').toBe(isProven);
          return this.reserve(index);
        },
        giveUp: (index) => {
          expect(this.states[index]).toBe('active');
          expect(this.isIdle(index), 'only an idle piece is given up').toBe(true);
          this.received.delete(index);
          this.sole.delete(index);
          this.adopted.delete(index);
          this.states[index] = 'queued';
        },
      },
    });
  }

  lengthAt(index: number): number {
    return index === this.pieceCount - 1 ? this.pieceLength - 5000 : this.pieceLength;
  }

  /** Bytes of a block, pad bytes included. */
  blockLength(index: number, block: number): number {
    return Math.min(BLOCK_BYTES, this.lengthAt(index) - block * BLOCK_BYTES);
  }

  /** Bytes that a peer is asked for of a block. */
  requestLength(peer: FakePeer, index: number, block: number): number {
    const whole = this.blockLength(index, block);
    return peer.takesPartBlocks ? (this.wantedLengths[index]?.[block] ?? whole) : whole;
  }

  /** Pad bytes in some of the pieces: within a block, as whole blocks, or both; never the whole piece. */
  padded(index: number, pads: number): number[] | undefined {
    if (pads === 0 || index % 4 === 3) return undefined;
    return Array.from({ length: this.blockCount(index) }, (_, block) => {
      if (block > 0 && (block + index) % pads === 0) return 0;
      return (block + index) % 3 === 0 ? 1 + index : this.blockLength(index, block);
    });
  }

  blockCount(index: number): number {
    return Math.ceil(this.lengthAt(index) / BLOCK_BYTES);
  }

  /** The blocks that have to come from peers. */
  blocksOf(index: number): number[] {
    const blocks = Array.from({ length: this.blockCount(index) }, (_, block) => block);
    return blocks.filter((block) => this.wantedLengths[index]?.[block] !== 0);
  }

  piecesIn(...states: ModelState[]): number[] {
    return this.states.flatMap((state, index) => (states.includes(state) ? [index] : []));
  }

  availability(index: number): number {
    return this.peers.filter((peer) => peer.pieces.has(index)).length;
  }

  sendersOf(index: number): Set<FakePeer> {
    return new Set([...this.received.get(index)!.values()].filter((sender) => sender !== undefined));
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

  /** Ranks a peer for a piece that failed; one with a lower rank is asked first. */
  rankIn(index: number, peer: FakePeer): number {
    if (this.suspects.get(index)!.has(peer)) return 2;
    return this.picker.trustOf(peer) === 'proven' ? 0 : 1;
  }

  /** Other peers that have a piece that failed and are not known to have sent it wrong. */
  otherHolders(index: number, peer: FakePeer): FakePeer[] {
    const guilty = this.guilty.get(index)!;
    return this.peers.filter((other) => other !== peer && other.pieces.has(index) && !guilty.has(other));
  }

  mayAsk(peer: FakePeer, index: number): boolean {
    const guilty = this.guilty.get(index);
    if (guilty === undefined) return true;
    if (guilty.has(peer)) return false;
    if (this.pickedAt - this.failedAt.get(index)! >= OVERDUE_MS) return true;
    const rank = this.rankIn(index, peer);
    return this.otherHolders(index, peer).every((other) => this.rankIn(index, other) >= rank);
  }

  /** Tells whether the peer may be asked for the piece at any pace. A piece that failed is kept for the fastest of equal peers. */
  mayAskAtAnyPace(peer: FakePeer, index: number): boolean {
    if (!this.mayAsk(peer, index)) return false;
    if (!this.guilty.has(index) || this.pickedAt - this.failedAt.get(index)! >= OVERDUE_MS) return true;
    const rank = this.rankIn(index, peer);
    return rank === 0 || this.otherHolders(index, peer).every((other) => this.rankIn(index, other) > rank);
  }

  isAlone(index: number): boolean {
    return this.guilty.has(index) || this.adopted.has(index);
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
      const certain = eligible.filter((other) => this.mayAskAtAnyPace(this.picking!, other));
      const rarest = Math.min(...certain.map((other) => this.availability(other)));
      expect(this.availability(index), 'a started piece is among the rarest').toBeLessThanOrEqual(rarest);
    }
    if (this.piecesIn('active', 'verifying').length >= this.buffers) {
      this.wasRefused = true;
      return false;
    }
    this.states[index] = 'active';
    this.received.set(index, new Map());
    return true;
  }

  /** Tells whether blocks that came are missing again. */
  wasStartedOver(index: number): boolean {
    const received = [...this.received.get(index)!.keys()];
    return received.some((at) => this.picker.isMissing(index, at * BLOCK_BYTES, this.blockLength(index, at)));
  }

  onRequest(peer: FakePeer, index: number, begin: number, length: number): void {
    expect(this.states[index]).toBe('active');
    expect(length, 'as much as the peer may be asked for').toBe(
      this.requestLength(peer, index, begin / BLOCK_BYTES),
    );
    expect(length, 'pad bytes alone are not requested').toBeGreaterThan(0);
    expect(
      this.mayAsk(peer, index) || this.sole.get(index) === peer,
      'a peer that sent a bad piece is not asked again',
    ).toBe(true);
    const block = begin / BLOCK_BYTES;
    if (this.wasStartedOver(index)) {
      expect(this.picker.trustOf(peer) === 'suspect' || this.isAlone(index), 'may start it over').toBe(true);
      this.adopted.add(index);
      this.received.set(index, new Map());
    }
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
    const key = `${index}:${begin}`;
    if (this.requesters(index, block) > 0) {
      if (this.now - this.askedAt.get(key)! >= OVERDUE_MS) this.overdue.add(key);
      const isOverdue = this.overdue.has(key);
      expect(isOverdue || this.isEndgame(), 'a block is requested twice in endgame or when overdue').toBe(
        true,
      );
      expect(this.requesters(index, block)).toBeLessThan(isOverdue ? MAX_RESCUERS : MAX_REQUESTERS);
    }
    this.askedAt.set(key, this.now);
  }

  join(pieces: number[], trust: Trust): void {
    const bitfield = new Bitfield(this.pieceCount);
    for (const index of pieces) bitfield.add(index % this.pieceCount);
    const takesPartBlocks = this.peers.length % 3 !== 2;
    const peer = new FakePeer(bitfield, takesPartBlocks, (...request) => this.onRequest(...request));
    this.peers.push(peer);
    this.picker.addPeer(peer, trust);
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

  lose(peer: FakePeer, index: number): void {
    if (!peer.pieces.delete(index)) return;
    if (this.sole.get(index) === peer) this.sole.delete(index);
    this.picker.peerLost(peer, index);
  }

  pick(peer: FakePeer, count: number): void {
    const before = peer.requests.size;
    this.picking = peer;
    this.pickedAt = this.now;
    this.wasRefused = false;
    const picked = this.picker.pick(peer, count, this.now);
    this.picking = undefined;
    expect(peer.requests.size).toBe(before + picked);
    expect(picked).toBeLessThanOrEqual(count);
    if (picked === count || this.picker.rankOf(peer) !== 0) return;
    const certain = this.eligible(peer).filter((index) => this.mayAskAtAnyPace(peer, index));
    if (!this.wasRefused) expect(certain, 'nothing was left to start').toEqual([]);
    for (const index of this.piecesIn('active')) {
      if (!peer.pieces.has(index) || !this.mayAsk(peer, index) || this.isAlone(index)) continue;
      const free = this.blocksOf(index).filter((block) => this.isFree(index, block));
      expect(free, 'no free block was left').toEqual([]);
    }
  }

  deliver(peer: FakePeer, index: number, begin: number): void {
    const block = begin / BLOCK_BYTES;
    const length = this.requestLength(peer, index, block);
    const wasRequested = peer.requests.delete(`${index}:${begin}`);
    const isMissing =
      this.states[index] === 'active' &&
      this.blocksOf(index).includes(block) &&
      !this.received.get(index)!.has(block);
    expect(this.picker.isMissing(index, begin, length)).toBe(isMissing);
    const receipt = this.picker.received(peer, index, begin, length);
    if (wasRequested) expect(receipt, 'a requested block is wanted').not.toBe('unwanted');
    if (!isMissing) expect(receipt).toBe('unwanted');
    if (receipt === 'unwanted') return;
    this.received.get(index)!.set(block, peer);
    expect(this.requesters(index, block), 'nobody else is asked for it any more').toBe(0);
    const isComplete = this.received.get(index)!.size === this.blocksOf(index).length;
    expect(receipt).toBe(isComplete ? 'completed' : 'wanted');
    if (!isComplete) return;
    this.states[index] = 'verifying';
    const [sender, ...others] = this.sendersOf(index);
    expect(this.picker.soleSender(index)).toBe(others.length === 0 ? sender : undefined);
  }

  settle(index: number, isGood: boolean): void {
    const senders = this.sendersOf(index);
    this.received.delete(index);
    this.sole.delete(index);
    this.adopted.delete(index);
    if (isGood) {
      const guilty = this.picker.pieceVerified(index, new Uint8Array(this.lengthAt(index)));
      expect(new Set(guilty), 'all blocks were wrong').toEqual(this.liars.get(index) ?? new Set());
      this.liars.delete(index);
      this.states[index] = 'have';
      this.guilty.delete(index);
      this.suspects.delete(index);
      return;
    }
    const isUnproven = (sender: FakePeer) =>
      !this.peers.includes(sender) || this.picker.trustOf(sender) !== 'proven';
    const unproven = [...senders].filter(isUnproven);
    const bytes = new Uint8Array(this.lengthAt(index)).fill(1);
    const isSole = senders.size === 1;
    expect(new Set(this.picker.pieceFailed(index, bytes))).toEqual(isSole ? senders : new Set());
    if (!isSole) this.liars.set(index, new Set([...(this.liars.get(index) ?? []), ...senders]));
    this.states[index] = 'queued';
    this.failedAt.set(index, this.pickedAt);
    const guilty = this.guilty.get(index) ?? new Set();
    const suspects = this.suspects.get(index) ?? new Set();
    this.guilty.set(index, guilty);
    this.suspects.set(index, suspects);
    // A sender that has left is a stranger when it comes back.
    for (const sender of unproven.length > 0 ? unproven : senders)
      if (this.peers.includes(sender)) (senders.size === 1 ? guilty : suspects).add(sender);
  }

  /** Some blocks of a complete piece are wrong. */
  reopen(index: number, blocks: readonly number[]): void {
    const received = this.received.get(index)!;
    const senders = blocks.flatMap((block) => received.get(block) ?? []);
    expect(new Set(this.picker.blocksFailed(index, blocks))).toEqual(new Set(senders));
    for (const block of received.keys()) received.set(block, undefined);
    for (const block of blocks) received.delete(block);
    this.sole.delete(index);
    this.adopted.delete(index);
    this.guilty.delete(index);
    this.suspects.delete(index);
    this.states[index] = 'active';
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

  setWanted(index: number, isWanted: boolean): void {
    this.picker.setWanted(index, isWanted);
    if (isWanted && this.states[index] === 'unwanted') this.states[index] = 'queued';
    if (!isWanted && this.states[index] === 'queued') this.states[index] = 'unwanted';
  }

  check(): void {
    const wanted = this.piecesIn('queued', 'active', 'verifying');
    expect(this.picker.wantedCount).toBe(wanted.length);
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
    for (let index = 0; index < this.pieceCount; index += 1) this.setWanted(index, true);
    this.join(
      Array.from({ length: this.pieceCount }, (_, index) => index),
      'fresh',
    );
    for (let round = 0; this.picker.wantedCount > 0; round += 1) {
      expect(round, 'everything arrives in the end').toBeLessThan(1000);
      this.now += 700;
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
    ...[
      'join',
      'join fresh',
      'wait',
      'wait',
      'leave',
      'gain',
      'gain',
      'lose',
      'pick',
      'pick',
      'pick',
      'pick',
      'stray',
      'release',
      'releaseAll',
    ],
    ...[
      'deliver',
      'deliver',
      'deliver',
      'deliver',
      'deliverAll',
      'good',
      'bad',
      'bad blocks',
      'need',
      'drop',
    ],
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
  if (kind.startsWith('join') && model.peers.length < 8) {
    return model.join(pieces, kind === 'join' ? 'proven' : 'fresh');
  }
  if (kind === 'wait') {
    model.now += 500 * amount;
    return;
  }
  if (kind === 'good' || kind === 'bad') {
    const verifying = model.piecesIn('verifying');
    if (verifying.length > 0) model.settle(verifying[which % verifying.length]!, kind === 'good');
    return;
  }
  if (kind === 'bad blocks') {
    const verifying = model.piecesIn('verifying');
    const some = verifying[which % verifying.length];
    if (some === undefined) return;
    const blocks = model.blocksOf(some);
    return model.reopen(
      some,
      blocks.filter((block, at) => at === 0 || block % (1 + (who % 3)) === 0),
    );
  }
  if (kind === 'need' || kind === 'drop') return model.setWanted(index, kind === 'need');
  const peer = model.peers[who % model.peers.length];
  if (peer === undefined) return;
  const requests = [...peer.requests.values()];
  const request = requests[which % requests.length];
  if (kind === 'leave') model.leave(peer);
  if (kind === 'gain') model.gain(peer, index);
  if (kind === 'lose') model.lose(peer, index);
  if (kind === 'pick') model.pick(peer, amount);
  if (kind === 'stray') model.deliver(peer, index, (who % model.blockCount(index)) * BLOCK_BYTES);
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
          pads: fc.integer({ min: 0, max: 4 }),
        }),
        fc.array(step, { minLength: 10, maxLength: 250, size: 'max' }),
        ({ pieceCount, blocks, buffers, seed, pads }, steps) => {
          const model = new Model(pieceCount, blocks, buffers, seed, pads);
          for (const each of steps) {
            play(model, each);
            model.check();
          }
          model.finish();
        },
      ),
      { numRuns: 30 },
    );
  });
});
