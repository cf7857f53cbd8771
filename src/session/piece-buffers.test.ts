import { describe, expect, test } from 'vitest';
import { PieceBuffers, TRIAL_SHARE } from './piece-buffers.ts';

describe('PieceBuffers', () => {
  test('canTake() allows no more than the limit, and two pieces in any case', () => {
    const buffers = new PieceBuffers(100);
    for (let count = 0; count < 2; count += 1) {
      expect(buffers.canTake(1000)).toBe(true);
      buffers.take(1000);
    }
    expect(buffers.canTake(1)).toBe(false);
    expect(buffers.takenBytes).toBe(2000);
  });

  test('canTake() leaves a part of the limit to proven peers, and allows the others one piece of any length', () => {
    const buffers = new PieceBuffers(100);
    const trials = (length: number) => {
      let count = 0;
      while (buffers.canTake(length, count)) count += 1;
      return count;
    };
    expect(TRIAL_SHARE).toBe(0.75);
    expect([trials(10), trials(30), trials(1000)]).toEqual([7, 2, 1]);
    buffers.take(100);
    buffers.take(1);
    expect(buffers.canTake(10, 0), 'nothing is left').toBe(false);
  });

  test('give() makes room, and take() uses the memory again', () => {
    const buffers = new PieceBuffers(30);
    const taken = [buffers.take(10), buffers.take(10), buffers.take(10)];
    expect(buffers.canTake(10)).toBe(false);
    buffers.give(taken[1]!);
    expect(buffers.canTake(10)).toBe(true);
    expect(buffers.take(10)).toBe(taken[1]);
  });

  test('take() returns shared memory, another one each time', () => {
    const buffers = new PieceBuffers();
    const [one, other] = [buffers.take(10), buffers.take(10)];
    expect(one).not.toBe(other);
    expect(one.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('take() drops free memory of another length', () => {
    const buffers = new PieceBuffers(30);
    const small = [buffers.take(10), buffers.take(10), buffers.take(10)];
    for (const buffer of small) buffers.give(buffer);
    expect(buffers.take(30).length).toBe(30);
    buffers.take(10);
    expect(small).not.toContain(buffers.take(10));
  });
});
