import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ServeOrder } from './serve-order.ts';

const BLOCKS = 4;

/** A peer's requests, and what it was sent. */
class FakePeer {
  readonly requested = new Map<number, number>();
  readonly sent: number[] = [];

  constructor(...pieces: number[]) {
    this.ask(...pieces);
  }

  ask(...pieces: number[]): void {
    for (const index of pieces) this.requested.set(index, BLOCKS);
  }
}

/** Sends the peer `count` blocks. */
function serve(order: ServeOrder<FakePeer>, peer: FakePeer, count = Number.POSITIVE_INFINITY): void {
  for (let block = 0; block < count; block += 1) {
    const index = order.next(peer, peer.requested);
    if (index === undefined) return;
    const left = peer.requested.get(index)! - 1;
    if (left === 0) peer.requested.delete(index);
    else peer.requested.set(index, left);
    if (peer.sent.at(-1) !== index) peer.sent.push(index);
    order.sent(peer, index);
  }
}

describe('ServeOrder', () => {
  test('next() is undefined when no piece is requested', () => {
    expect(new ServeOrder<FakePeer>(4).next(new FakePeer(), new Map())).toBeUndefined();
  });

  test('next() serves a single peer in the order of its requests', () => {
    const order = new ServeOrder<FakePeer>(8);
    const peer = new FakePeer(3, 1, 2);
    serve(order, peer);
    peer.ask(1, 7, 3);
    serve(order, peer);
    expect(peer.sent).toEqual([3, 1, 2, 1, 7, 3]);
  });

  test('next() serves the piece first that the fewest others got', () => {
    const order = new ServeOrder<FakePeer>(4);
    for (const pieces of [[0, 1], [0]]) serve(order, new FakePeer(...pieces));
    const peer = new FakePeer(0, 1, 2);
    serve(order, peer);
    expect(peer.sent).toEqual([2, 1, 0]);
  });

  test('next() finishes a piece that it began, even if another one is rarer', () => {
    const order = new ServeOrder<FakePeer>(4);
    serve(order, new FakePeer(0));
    const peer = new FakePeer(0);
    serve(order, peer, 1);
    peer.ask(1);
    peer.requested.set(0, BLOCKS - 1);
    serve(order, peer);
    expect(peer.sent).toEqual([0, 1]);
  });

  test('next() serves different pieces to two peers that request the same ones in the same order', () => {
    const order = new ServeOrder<FakePeer>(8);
    const pieces = [0, 1, 2, 3, 4, 5, 6, 7];
    const [one, other] = [new FakePeer(...pieces), new FakePeer(...pieces)];
    for (let block = 0; block < 4 * BLOCKS; block += 1)
      for (const peer of [one, other]) serve(order, peer, 1);
    expect(new Set([...one.sent, ...other.sent]).size).toBe(8);
  });

  test('next() serves a common piece after a while, however many rarer pieces are requested', () => {
    const order = new ServeOrder<FakePeer>(100);
    serve(order, new FakePeer(0));
    const peer = new FakePeer(0);
    for (let index = 1; index < 50; index += 1) {
      peer.ask(index);
      serve(order, peer, BLOCKS);
    }
    expect(peer.sent).toContain(0);
    expect(peer.sent.indexOf(0)).toBeGreaterThan(4);
  });

  test('removePeer() forgets the copies that left with the peer', () => {
    const order = new ServeOrder<FakePeer>(4);
    const [gone, here] = [new FakePeer(0), new FakePeer(1)];
    for (const peer of [gone, here]) serve(order, peer);
    order.removePeer(gone);
    order.removePeer(new FakePeer());
    const peer = new FakePeer(1, 0);
    serve(order, peer, 1);
    expect(peer.sent).toEqual([0]);
  });

  test('next() gives only requested pieces, and serves every request in the end', () => {
    const peers = fc.array(fc.uniqueArray(fc.nat({ max: 19 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(peers, fc.array(fc.nat({ max: 4 })), (wishes, turns) => {
        const order = new ServeOrder<FakePeer>(20);
        const all = wishes.map((pieces) => new FakePeer(...pieces));
        for (const turn of turns) serve(order, all[turn % all.length]!, 3);
        for (const [at, peer] of all.entries()) {
          serve(order, peer);
          expect(new Set(peer.sent)).toEqual(new Set(wishes[at]));
          order.removePeer(peer);
        }
      }),
    );
  });
});
