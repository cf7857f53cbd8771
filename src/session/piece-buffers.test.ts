import { describe, expect, test } from 'vitest';
import { PieceBuffers } from './piece-buffers.ts';

describe('PieceBuffers', () => {
  test('canTake() holds to the limit, save for two pieces', () => {
    const buffers = new PieceBuffers(100);
    for (let count = 0; count < 2; count += 1) {
      expect(buffers.canTake(1000)).toBe(true);
      buffers.take(1000);
    }
    expect(buffers.canTake(1)).toBe(false);
    expect(buffers.takenBytes).toBe(2000);
  });

  test('give() makes room, and its memory is taken again', () => {
    const buffers = new PieceBuffers(30);
    const taken = [buffers.take(10), buffers.take(10), buffers.take(10)];
    expect(buffers.canTake(10)).toBe(false);
    buffers.give(taken[1]!);
    expect(buffers.canTake(10)).toBe(true);
    expect(buffers.take(10)).toBe(taken[1]);
  });

  test('take() gives memory of its own to each, which threads can share', () => {
    const buffers = new PieceBuffers();
    const [one, other] = [buffers.take(10), buffers.take(10)];
    expect(one).not.toBe(other);
    expect(one.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('take() of another length lets free memory go', () => {
    const buffers = new PieceBuffers(30);
    const small = [buffers.take(10), buffers.take(10), buffers.take(10)];
    for (const buffer of small) buffers.give(buffer);
    expect(buffers.take(30).length).toBe(30);
    buffers.take(10);
    expect(small).not.toContain(buffers.take(10));
  });
});
