import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RateShare } from './rate-share.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Makes a clock whose timers fire a few milliseconds late, as real ones do. */
const lateClock = () => new FakeClock({ latenessMs: 3 });

/** Moves in blocks, `left` bytes in all. */
class Mover {
  moved = 0;
  left: number;

  constructor(left = Number.POSITIVE_INFINITY) {
    this.left = left;
  }

  readonly move = (bytes: number): number => {
    const now = Math.min(Math.floor(bytes / (16 * KiB)) * 16 * KiB, this.left);
    this.left -= now;
    this.moved += now;
    return now;
  };
}

function shareOf(limiter: RateLimiter, movers: readonly Mover[], limit?: number): RateShare<Mover> {
  const share = limiter.share((mover: Mover, bytes) => mover.move(bytes), limit)!;
  for (const mover of movers) share.wake(mover);
  return share;
}

function movers(count: number): Mover[] {
  return Array.from({ length: count }, () => new Mover());
}

const sum = (of: readonly Mover[]) => of.reduce((total, { moved }) => total + moved, 0);

function expectNear(found: number, wanted: number, part: number): void {
  expect(Math.abs(found / wanted - 1), `${found} instead of ${wanted}`).toBeLessThanOrEqual(part);
}

describe('RateLimiter', () => {
  test('share() is undefined when there is no limit', () => {
    expect(new RateLimiter(lateClock()).share(() => 0)).toBeUndefined();
  });

  test.each([20 * KiB, 100 * KiB, MiB, 10 * MiB, 1000 * MiB])(
    'wake() moves %i bytes a second, within 1 %% over 10 s and a block',
    (rate) => {
      const clock = lateClock();
      const [mover] = [new Mover()];
      shareOf(new RateLimiter(clock, rate), [mover]);
      clock.advance(10_000);
      expect(Math.abs(mover.moved - 10 * rate)).toBeLessThan(0.1 * rate + 16 * KiB);
    },
  );

  test('wake() moves at once as many bytes as the limit has to spare', () => {
    const clock = lateClock();
    const limiter = new RateLimiter(clock, MiB);
    clock.advance(1000);
    const mover = new Mover(100 * KiB);
    shareOf(limiter, [mover]);
    expect(mover.left).toBe(0);
    expect(clock.pendingCount).toBe(0);
  });

  test('wake() gives torrents equal parts, however many peers each has', () => {
    const clock = lateClock();
    const limiter = new RateLimiter(clock, MiB);
    const torrents = [movers(1), movers(5), movers(20)];
    for (const torrent of torrents) shareOf(limiter, torrent);
    clock.advance(10_000);
    for (const torrent of torrents) expectNear(sum(torrent), (10 * MiB) / 3, 0.02);
  });

  test('wake() gives the peers of a torrent equal parts, and a peer that comes late its part from then on', () => {
    const clock = lateClock();
    const early = movers(3);
    const share = shareOf(new RateLimiter(clock, MiB), early);
    clock.advance(10_000);
    for (const mover of early) expectNear(mover.moved, (10 * MiB) / 3, 0.02);
    const late = new Mover();
    share.wake(late);
    clock.advance(10_000);
    expectNear(late.moved, (10 * MiB) / 4, 0.02);
  });

  test('wake() gives the others the part that one torrent does not use', () => {
    const clock = lateClock();
    const limiter = new RateLimiter(clock, MiB);
    const [slow, fast] = [new Mover(MiB), new Mover()];
    for (const mover of [slow, fast]) shareOf(limiter, [mover]);
    clock.advance(10_000);
    expect(slow.left).toBe(0);
    expectNear(fast.moved, 9 * MiB, 0.02);
  });

  test('share() keeps a torrent to its own limit beside the limit of all torrents', () => {
    const clock = lateClock();
    const limiter = new RateLimiter(clock, MiB);
    const [own, rest, none] = [movers(2), movers(1), movers(1)];
    shareOf(limiter, own, 200 * KiB);
    shareOf(limiter, rest);
    shareOf(limiter, none, 2 * MiB);
    clock.advance(10_000);
    expectNear(sum(own), 2000 * KiB, 0.03);
    expectNear(sum(rest), (10 * MiB - 2000 * KiB) / 2, 0.03);
    expectNear(sum(none), (10 * MiB - 2000 * KiB) / 2, 0.03);
  });

  test('share() limits a torrent also when there is no limit for all', () => {
    const clock = lateClock();
    const limiter = new RateLimiter(clock);
    const [slow, fast] = [movers(1), movers(1)];
    shareOf(limiter, slow, 100 * KiB);
    shareOf(limiter, fast, MiB);
    clock.advance(10_000);
    expectNear(sum(slow), 1000 * KiB, 0.03);
    expectNear(sum(fast), 10 * MiB, 0.02);
  });

  test('giveBack() lets as many more bytes be moved as are given back', () => {
    const clock = lateClock();
    const mover = new Mover();
    const share = shareOf(new RateLimiter(clock, MiB), [mover]);
    for (let step = 0; step < 100; step += 1) {
      clock.advance(100);
      share.giveBack(50 * KiB);
    }
    clock.advance(50);
    expectNear(mover.moved, 10 * MiB + 5000 * KiB, 0.02);
  });

  test('wake() sets no timer for movers that have nothing to move', () => {
    const clock = lateClock();
    const mover = new Mover(0);
    shareOf(new RateLimiter(clock, MiB), [mover]).wake(mover);
    clock.advance(1000);
    expect(clock.pendingCount).toBe(0);
  });
});
