import { describe, expect, test } from 'vitest';
import { Namesakes } from './namesakes.ts';

const file = (path: string, length = 1) => {
  const names = path.split('/');
  return { names, path, realPath: `/${path}`, length };
};
const take = (namesakes: Namesakes, path: string) => namesakes.take(path.split('/'), () => true)?.path;

describe('Namesakes', () => {
  test('take() prefers the file whose folders have the same names', () => {
    const namesakes = new Namesakes(['v1/a/index.js', 'v1/b/index.js', 'index.js'].map((path) => file(path)));
    expect(take(namesakes, 'v2/b/index.js')).toBe('v1/b/index.js');
    expect(take(namesakes, 'v2/a/index.js')).toBe('v1/a/index.js');
    expect(take(namesakes, 'v2/c/index.js')).toBe('index.js');
  });

  test('gives out each file once, whether by its name or by its size', () => {
    const namesakes = new Namesakes([file('a', 5), file('b', 5)]);
    expect(take(namesakes, 'x/a')).toBe('a');
    expect(take(namesakes, 'y/a')).toBeUndefined();
    expect(namesakes.takeOfSize(5, () => true)?.path).toBe('b');
    expect(namesakes.takeOfSize(5, () => true)).toBeUndefined();
  });

  test('passes over files that do not fit, and leaves them to others', () => {
    const namesakes = new Namesakes([file('1/a', 1), file('2/a', 2)]);
    expect(namesakes.take(['a'], ({ length }) => length === 1)?.path).toBe('1/a');
    expect(namesakes.take(['a'], ({ length }) => length === 1)).toBeUndefined();
    expect(take(namesakes, 'a')).toBe('2/a');
  });
});
