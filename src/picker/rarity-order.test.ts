import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../util/index.ts';
import { RarityOrder } from './rarity-order.ts';

const PIECES = 12;
const operations = fc.array(
  fc.record({
    kind: fc.constantFrom('gained', 'gained', 'lost', 'insert', 'remove', 'shuffle'),
    index: fc.nat(PIECES - 1),
  }),
  { maxLength: 200, size: 'max' },
);

describe('RarityOrder', () => {
  test('RarityOrder has the same pieces and levels as a list that is sorted after each change', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const order = new RarityOrder(PIECES);
        const availability = new Array<number>(PIECES).fill(0);
        const queued = new Set<number>();
        for (const { kind, index } of steps) {
          if (kind === 'gained') {
            order.gained(index);
            availability[index]! += 1;
          } else if (kind === 'lost' && availability[index]! > 0) {
            order.lost(index);
            availability[index]! -= 1;
          } else if (kind === 'insert' && !queued.has(index)) {
            order.insert(index);
            queued.add(index);
          } else if (kind === 'remove' && queued.delete(index)) {
            order.remove(index);
          } else if (kind === 'shuffle') {
            order.shuffle(seededRandom(index));
          }
          const listed: number[] = [];
          const levels: number[] = [];
          for (let level = 0; level < order.levels; level += 1) {
            for (let place = order.start(level); place < order.end(level); place += 1) {
              listed.push(order.at(place));
              levels.push(level);
            }
          }
          const pieces = Array.from({ length: PIECES }, (_, piece) => piece);
          // One comparison a step is enough: more would take most of the time of this test.
          expect({
            size: order.size,
            listed: listed.toSorted((a, b) => a - b),
            levels,
            availability: pieces.map((piece) => order.availability(piece)),
            has: pieces.filter((piece) => order.has(piece)),
          }).toEqual({
            size: queued.size,
            listed: [...queued].toSorted((a, b) => a - b),
            levels: listed.map((piece) => availability[piece]),
            availability,
            has: [...queued].toSorted((a, b) => a - b),
          });
        }
      }),
    );
  });

  test('shuffle() puts each piece first about equally often', () => {
    const random = seededRandom(7);
    const first = new Array<number>(4).fill(0);
    for (let round = 0; round < 4000; round += 1) {
      const order = new RarityOrder(4);
      for (let index = 0; index < 4; index += 1) order.insert(index);
      order.shuffle(random);
      first[order.at(0)]! += 1;
    }
    for (const times of first) expect(Math.abs(times - 1000)).toBeLessThan(150);
  });
});
