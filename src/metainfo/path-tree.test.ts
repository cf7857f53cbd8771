import { describe, expect, test } from 'vitest';
import { PathTree } from './path-tree.ts';

describe('PathTree', () => {
  test('looks up only one name for each of 10,000 files in the same deep folder', () => {
    const tree = new PathTree((name) => name);
    const folders = Array.from({ length: 50 }, (_, depth) => `folder${depth}`);
    const nodes = Array.from({ length: 10_000 }, (_, at) => tree.add([...folders, `file${at}`]));
    expect(new Set(nodes).size).toBe(10_000);
    expect(tree.lookups).toBe(50 + 10_000);
  });

  test('gives equal paths one number, and tells which paths are folders', () => {
    const tree = new PathTree((name) => name.toUpperCase());
    const file = tree.add(['a', 'b']);
    expect(tree.isFolder(file)).toBe(false);
    expect(tree.add(['x', 'b'])).not.toBe(file);
    expect(tree.add(['A', 'B'])).toBe(file);
    const below = tree.add(['A', 'b', 'c']);
    expect([below === file, tree.isFolder(file), tree.isFolder(below)]).toEqual([false, true, false]);
    expect(tree.isFolder(tree.add(['a']))).toBe(true);
  });
});
