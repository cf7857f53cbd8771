import { describe, expect, test } from 'vitest';
import { seededRandom } from '../util/index.ts';
import { ServeOrder, type ServePeer } from './serve-order.ts';

const BLOCK = 16_384;
const BLOCKS = 64;

class FakePeer implements ServePeer {
  readonly queue: number[] = [];
  readonly sent: number[] = [];
  canSend = true;

  constructor(...pieces: number[]) {
    for (const index of pieces) this.queue.push(...new Array<number>(BLOCKS).fill(index));
  }

  get queueLength(): number {
    return this.queue.length;
  }

  queuedPiece(at: number): number {
    return this.queue[at]!;
  }
}

/** Serves one block. @returns whether there was one */
function serve(order: ServeOrder<FakePeer>, peers: readonly FakePeer[]): boolean {
  const run = order.next(peers);
  if (run === undefined) return false;
  const at = run.peer.queue.indexOf(run.index);
  expect(at).toBeGreaterThanOrEqual(0);
  run.peer.queue.splice(at, 1);
  run.peer.sent.push(run.index);
  order.sent(run.peer, run.index, BLOCK);
  return true;
}

describe('ServeOrder', () => {
  test('next() has nothing to serve when nothing is requested', () => {
    expect(new ServeOrder<FakePeer>(4).next([new FakePeer(), new FakePeer()])).toBeUndefined();
  });

  test('next() serves a peer first what others did not get, and finishes a piece it began', () => {
    const order = new ServeOrder<FakePeer>(4);
    const [first, second] = [new FakePeer(0), new FakePeer(0, 1)];
    while (serve(order, [first]));
    while (serve(order, [second]));
    expect([...new Set(second.sent)]).toEqual([1, 0]);
    expect(second.sent.lastIndexOf(1)).toBe(BLOCKS - 1);
  });

  test('next() sends nothing twice while somebody waits for what was never sent', () => {
    const order = new ServeOrder<FakePeer>(4);
    const [first, second, third] = [new FakePeer(0, 1), new FakePeer(0), new FakePeer(2)];
    while (first.queue.includes(0)) serve(order, [first]);
    for (let block = 0; block < 2 * BLOCKS; block += 1) serve(order, [first, second, third]);
    expect([first.queueLength, second.queueLength, third.queueLength]).toEqual([0, BLOCKS, 0]);
  });

  test('next() serves every peer in the end, however much others ask for that is new', () => {
    const order = new ServeOrder<FakePeer>(1000);
    const early = new FakePeer(0);
    while (serve(order, [early]));
    const late = new FakePeer(0);
    const hungry = new FakePeer(...Array.from({ length: 10 }, (_, at) => at + 1));
    for (let block = 0; late.queueLength > 0; block += 1) {
      expect(block).toBeLessThan(10 * BLOCKS);
      serve(order, [late, hungry]);
    }
  });

  test('next() serves peers with equal wishes equally, one that comes late or was silent no more than the others', () => {
    const order = new ServeOrder<FakePeer>(1000);
    const random = seededRandom(5);
    const peers = Array.from(
      { length: 4 },
      (_, number) => new FakePeer(...Array.from({ length: 20 }, (_, at) => number * 20 + at)),
    );
    const silent = peers[3]!;
    serve(order, [silent]);
    const withheld = silent.queue.splice(0);
    for (let block = 0; block < 900; block += 1) serve(order, peers);
    silent.queue.push(...withheld);
    const before = peers.map((peer) => peer.sent.length);
    const newcomer = new FakePeer(...Array.from({ length: 20 }, (_, at) => 900 + at));
    const all = [...peers, newcomer];
    for (let block = 0; block < 1000; block += 1)
      serve(
        order,
        all.toSorted(() => random.next() - 0.5),
      );
    for (const [number, peer] of all.entries()) {
      expect(Math.abs(peer.sent.length - (before[number] ?? 0) - 200)).toBeLessThanOrEqual(2);
    }
  });

  test('next() passes over a peer whose socket takes no more, which catches up later', () => {
    const order = new ServeOrder<FakePeer>(40);
    const [slow, fast] = [new FakePeer(0, 1, 2), new FakePeer(3, 4, 5)];
    slow.canSend = false;
    for (let block = 0; block < BLOCKS; block += 1) serve(order, [slow, fast]);
    expect(slow.sent.length).toBe(0);
    slow.canSend = true;
    for (let block = 0; block < BLOCKS; block += 1) serve(order, [slow, fast]);
    expect(slow.sent.length).toBe(BLOCKS);
  });

  test('removePeer() forgets the copies that left with the peer', () => {
    const order = new ServeOrder<FakePeer>(4);
    const [gone, here] = [new FakePeer(0), new FakePeer(1)];
    while (serve(order, [gone, here]));
    order.removePeer(gone);
    order.removePeer(new FakePeer());
    const peer = new FakePeer(1, 0);
    serve(order, [peer]);
    expect(peer.sent).toEqual([0]);
  });
});
