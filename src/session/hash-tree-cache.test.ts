import { expect, test } from 'vitest';
import { HashLayers } from '../metainfo/index.ts';
import { HashTreeCache } from './hash-tree-cache.ts';

const tree = (bytes: number) => new HashLayers(new Uint8Array(bytes), 1, 1, new Uint8Array(32));

test('get() makes a tree once, also for two calls at the same time', async () => {
  const cache = new HashTreeCache(1000);
  let made = 0;
  const make = async () => {
    made += 1;
    return tree(100);
  };
  const [one, other] = await Promise.all([cache.get('a', 'x', make), cache.get('a', 'x', make)]);
  expect(one).toBe(other);
  expect(await cache.get('a', 'x', make)).toBe(one);
  expect(made).toBe(1);
  expect(cache.size).toBe(100);
});

test('get() makes one tree at a time, and makes the next after one that failed', async () => {
  const cache = new HashTreeCache(1000);
  let making = 0;
  const make = (bytes: number) => async () => {
    making += 1;
    expect(making).toBe(1);
    await Promise.resolve();
    making -= 1;
    if (bytes === 0) throw new Error('broken');
    return tree(bytes);
  };
  const results = await Promise.allSettled([
    cache.get('a', 'x', make(1)),
    cache.get('a', 'y', make(0)),
    cache.get('b', 'x', make(2)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(cache.size).toBe(3);
});

test('get() drops the least recently used trees, and keeps the newest however large', async () => {
  const cache = new HashTreeCache(100);
  let made = 0;
  const get = (name: string, bytes: number) =>
    cache.get('a', name, async () => {
      made += 1;
      return tree(bytes);
    });
  await get('x', 40);
  await get('y', 40);
  await get('x', 40);
  await get('z', 40);
  expect(cache.size).toBe(80);
  await get('x', 40);
  expect(made).toBe(3);
  await get('large', 1000);
  expect(cache.size).toBe(1000);
});

test('drop() drops the trees of one torrent', async () => {
  const cache = new HashTreeCache(1000);
  await cache.get('a', 'x', async () => tree(10));
  await cache.get('b', 'x', async () => tree(20));
  cache.drop('a');
  expect(cache.size).toBe(20);
});
