import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../src/util/index.ts';
import { simulate } from './swarm.ts';

const PIECE_BYTES = 256 * 1024;
const PIECES = 40;
const LIMIT_MS = 60_000;

/** Makes the set of the pieces from `first` to before `end`. */
function piecesFrom(first: number, end: number): Bitfield {
  const pieces = new Bitfield(PIECES);
  for (let index = first; index < end; index += 1) pieces.add(index);
  return pieces;
}

describe('a download of some pieces', () => {
  test.each([1, 2, 3])('fetches these alone, and the others once they are wanted (seed %i)', (seed) =>
    simulate(seed, { files: [PIECES * PIECE_BYTES] }, async (swarm) => {
      const source = await swarm.addSeed();
      const leecher = await swarm.addLeecher({ wanted: piecesFrom(5, 15) });
      const { torrent, clock } = { torrent: leecher.torrent, clock: swarm.clock };
      torrent.addPeers([source.address]);
      await clock.runUntil(() => torrent.isFinished, LIMIT_MS);
      await clock.pass(LIMIT_MS);
      expect(leecher.pieces.toSorted((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
      expect(torrent.isComplete).toBe(false);
      expect(torrent.stats.downloaded, 'no byte more came').toBe(10 * PIECE_BYTES);

      torrent.setWanted(piecesFrom(0, PIECES));
      expect(torrent.isFinished).toBe(false);
      await swarm.untilComplete([leecher], LIMIT_MS);
    }),
  );

  test('leaves out pieces that are not wanted any more, apart from those that were started', () =>
    simulate(4, { files: [PIECES * PIECE_BYTES] }, async (swarm) => {
      const source = await swarm.addSeed({ up: PIECE_BYTES });
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers([source.address]);
      await swarm.clock.runUntil(() => leecher.pieces.length > 0, LIMIT_MS);
      leecher.torrent.setWanted(new Bitfield(PIECES));
      await swarm.clock.runUntil(() => leecher.torrent.isFinished, LIMIT_MS);
      const got = leecher.pieces.length;
      expect(got).toBeLessThan(PIECES / 2);
      await swarm.clock.pass(LIMIT_MS);
      expect(leecher.pieces.length).toBe(got);
    }));
});
