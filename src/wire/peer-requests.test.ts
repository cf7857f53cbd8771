import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlockRequest } from './block.ts';
import { MAX_QUEUED_REQUESTS } from './limits.ts';
import { PeerRequests } from './peer-requests.ts';

const PIECE_LENGTH = 64 * 1024;

const request = (index: number, block: number, length = 16_384): BlockRequest => ({
  index,
  begin: block * 16_384,
  length,
});

function queueOf(...requests: BlockRequest[]): PeerRequests {
  const queue = new PeerRequests(PIECE_LENGTH);
  for (const each of requests) queue.add(each);
  return queue;
}

describe('PeerRequests', () => {
  test('take() takes the blocks of the oldest piece first, in the order in which they were requested', () => {
    const [a, b, c] = [request(7, 1), request(2, 0), request(7, 0)];
    const queue = queueOf(a, b, c);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([a, c, b, undefined]);
  });

  test('take() takes only blocks of the piece it is given, and is undefined when none of it is requested', () => {
    const [a, b] = [request(7, 1), request(2, 0)];
    const queue = queueOf(a, b);
    expect([queue.take(2), queue.take(2), queue.take(3), queue.take()]).toEqual([b, undefined, undefined, a]);
  });

  test('add() refuses a block that is in the queue, and any block when the queue is full', () => {
    const queue = queueOf(request(0, 0));
    expect(queue.add(request(0, 0, 1))).toBe(false);
    for (let index = 1; index < MAX_QUEUED_REQUESTS; index += 1) {
      expect(queue.add(request(index, 0))).toBe(true);
    }
    expect(queue.add(request(MAX_QUEUED_REQUESTS, 0))).toBe(false);
    queue.take();
    expect(queue.add(request(0, 0, 1))).toBe(true);
  });

  test('remove() removes a request only when its length is equal, too', () => {
    const queue = queueOf(request(0, 0), request(0, 1), request(1, 0));
    expect(queue.remove(request(0, 1, 5))).toBe(false);
    expect(queue.remove(request(0, 2))).toBe(false);
    expect(queue.remove(request(5, 0))).toBe(false);
    expect(queue.remove(request(0, 1))).toBe(true);
    expect(queue.remove(request(0, 1))).toBe(false);
    expect([...queue.byPiece]).toEqual([
      [0, [request(0, 0)]],
      [1, [request(1, 0)]],
    ]);
  });

  test('removeAllBut() keeps the requests of the pieces it is given, and gives back all others', () => {
    const queue = queueOf(request(0, 0), request(1, 0), request(0, 1), request(2, 0));
    expect(queue.removeAllBut(new Set([1]))).toEqual([request(0, 0), request(0, 1), request(2, 0)]);
    expect([queue.size, [...queue.byPiece.keys()]]).toEqual([1, [1]]);
  });

  test('size is the number of requests in byPiece after any calls, and byPiece holds no empty piece', () => {
    const step = fc.record({
      what: fc.constantFrom('add', 'add', 'add', 'take', 'takeOf', 'remove'),
      index: fc.nat({ max: 4 }),
      block: fc.nat({ max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const queue = new PeerRequests(PIECE_LENGTH);
        const model = new Set<string>();
        const nameOf = ({ index, begin }: BlockRequest) => `${index}:${begin}`;
        for (const { what, index, block } of steps) {
          const wanted = request(index, block);
          if (what === 'add') {
            expect(queue.add(wanted)).toBe(!model.has(nameOf(wanted)));
            model.add(nameOf(wanted));
          } else if (what === 'remove') {
            expect(queue.remove(wanted)).toBe(model.delete(nameOf(wanted)));
          } else {
            const taken = what === 'take' ? queue.take() : queue.take(index);
            if (taken === undefined) {
              const left = [...model].filter((name) => what === 'take' || name.startsWith(`${index}:`));
              expect(left).toEqual([]);
            } else expect(model.delete(nameOf(taken))).toBe(true);
          }
          expect(queue.size).toBe(model.size);
          expect(new Set([...queue.byPiece.values()].flat().map(nameOf))).toEqual(model);
          expect([...queue.byPiece.values()].every((piece) => piece.length > 0)).toBe(true);
        }
      }),
    );
  });
});
