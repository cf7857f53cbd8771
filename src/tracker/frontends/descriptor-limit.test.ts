import { expect, test } from 'vitest';
import { connectionsWithin, descriptorLimit } from './descriptor-limit.ts';

test('connectionsWithin() leaves descriptors for others, and gives the wanted number where there are enough', () => {
  expect(connectionsWithin(20_000, 1_048_576)).toBe(20_000);
  expect(connectionsWithin(20_000, 1024)).toBe(384);
  expect(connectionsWithin(100, 1024)).toBe(100);
  expect(connectionsWithin(20_000, 64)).toBe(8);
  expect(connectionsWithin(20_000, Number.POSITIVE_INFINITY)).toBe(20_000);
});

test('descriptorLimit() is a number of descriptors, or infinity', () => {
  expect(descriptorLimit()).toBeGreaterThan(16);
});
