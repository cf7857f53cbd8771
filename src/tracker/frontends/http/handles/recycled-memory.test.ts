import { expect, test } from 'vitest';
import { RecycledMemory } from './recycled-memory.ts';

/** Takes memory and fills it with a byte. @returns the part that was filled */
function fill(memory: RecycledMemory, size: number, byte: number): Uint8Array {
  const bytes = memory.take(size);
  return bytes.subarray(memory.start, memory.start + size).fill(byte);
}

test('RecycledMemory gives each taker its own part, and the same parts again after recycle()', () => {
  const memory = new RecycledMemory();
  const one = fill(memory, 100, 1);
  const two = fill(memory, 200, 2);
  expect(one).toEqual(new Uint8Array(100).fill(1));
  memory.recycle();
  const three = fill(memory, 300, 3);
  expect(one).toEqual(new Uint8Array(100).fill(3));
  expect(two).toEqual(new Uint8Array(200).fill(3));
  expect(three).toEqual(new Uint8Array(300).fill(3));
});

test('RecycledMemory does not touch memory that is in use after renew()', () => {
  const memory = new RecycledMemory();
  const kept = fill(memory, 100, 1);
  memory.renew();
  fill(memory, 1000, 2);
  memory.recycle();
  fill(memory, 1000, 3);
  expect(kept).toEqual(new Uint8Array(100).fill(1));
});

test('RecycledMemory gives new memory when more is taken than it keeps', () => {
  const memory = new RecycledMemory();
  const parts = Array.from({ length: 300 }, (_, at) => fill(memory, 1000, at & 255));
  parts.push(fill(memory, 1_000_000, 7));
  for (const [at, part] of parts.slice(0, 300).entries())
    expect(part).toEqual(new Uint8Array(1000).fill(at & 255));
  expect(Buffer.compare(parts[300]!, new Uint8Array(1_000_000).fill(7))).toBe(0);
});
