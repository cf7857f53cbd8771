import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield, seededRandom } from '../util/index.ts';
import { PeerRecord, type PickerPeer } from './picker-peer.ts';
import { PieceQueue } from './piece-queue.ts';

const PIECES = 6;
const ALL = Array.from({ length: PIECES }, (_, index) => index);

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      ...['join', 'join', 'leave', 'gain', 'gain', 'add', 'remove'],
      ...['look', 'look', 'look', 'look'],
    ),
    who: fc.nat(4),
    index: fc.nat(PIECES - 1),
    pieces: fc.oneof(fc.subarray(ALL), fc.constant(ALL)),
    forbidden: fc.oneof(fc.constant<number[]>([]), fc.subarray(ALL)),
  }),
  { maxLength: 150, size: 'max' },
);

function peerWith(pieces: Iterable<number>): PickerPeer {
  const bitfield = new Bitfield(PIECES);
  for (const index of pieces) bitfield.add(index);
  return { pieces: bitfield, takesPartBlocks: true, request() {}, cancel() {} };
}

describe('PieceQueue', () => {
  test('rarestFor() finds one of the rarest pieces, and randomFor() any piece, in the list and in the queue', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 0, 2, PIECES), fc.integer(), (operations, fewPieces, seed) => {
        const records: PeerRecord<PickerPeer>[] = [];
        const queued = new Set(ALL);
        const queue = new PieceQueue<PickerPeer>(PIECES, ALL, seededRandom(seed), records, fewPieces);
        const availability = (index: number) => records.filter(({ peer }) => peer.pieces.has(index)).length;
        let joined = 0;
        for (const { kind, who, index, pieces, forbidden } of operations) {
          const record = records[who % records.length];
          if (kind === 'join') {
            const newcomer = new PeerRecord(peerWith(pieces), (joined += 1), 'fresh');
            records.push(newcomer);
            queue.addPeer(newcomer);
          } else if (kind === 'add' && !queued.has(index)) {
            queue.add(index);
            queued.add(index);
          } else if (kind === 'remove' && queued.delete(index)) {
            queue.remove(index);
          } else if (kind === 'leave' && record !== undefined) {
            records.splice(records.indexOf(record), 1);
            queue.removePeer(record);
          } else if (kind === 'gain' && record?.peer.pieces.add(index)) {
            queue.peerHas(record, index);
          } else if (kind === 'look' && record !== undefined) {
            record.wanted = record.peer.pieces.count;
            const mayAsk = (piece: number) => !forbidden.includes(piece);
            const eligible = [...queued].filter((piece) => record.peer.pieces.has(piece) && mayAsk(piece));
            const rarest = queue.rarestFor(record, mayAsk);
            const any = queue.randomFor(record, mayAsk);
            if (eligible.length === 0) {
              expect([rarest, any]).toEqual([-1, -1]);
            } else {
              expect(eligible).toContain(any);
              expect(eligible).toContain(rarest);
              expect(availability(rarest)).toBe(Math.min(...eligible.map(availability)));
            }
          }
          expect(queue.size).toBe(queued.size);
          expect(queue.availableCount).toBe([...queued].filter((piece) => availability(piece) > 0).length);
          expect(ALL.map((piece) => queue.availability(piece))).toEqual(ALL.map(availability));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('rarestFor() and randomFor() choose among equal pieces at random, in the list and in the queue', () => {
    for (const fewPieces of [0, PIECES]) {
      const records = [new PeerRecord(peerWith(ALL.slice(1)), 1, 'fresh')];
      records[0]!.wanted = PIECES - 1;
      const queue = new PieceQueue<PickerPeer>(PIECES, ALL, seededRandom(fewPieces), records, fewPieces);
      queue.addPeer(records[0]!);
      for (const choose of ['rarestFor', 'randomFor'] as const) {
        const times = new Array<number>(PIECES).fill(0);
        for (let round = 0; round < 15_000; round += 1) times[queue[choose](records[0]!, () => true)]! += 1;
        expect(times[0]).toBe(0);
        for (const index of ALL.slice(1)) expect(times[index], choose).toBeGreaterThan(2200);
      }
    }
  });
});
