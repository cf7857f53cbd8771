import { expect, test } from 'vitest';
import { findUnusedMembers } from './find-unused-members.ts';

/** The members found in some sources, which are named a.ts, b.ts and so on. */
function foundIn(...texts: readonly string[]): string[] {
  const sources = new Map(texts.map((text, at) => [`${'abcdef'[at]}.ts`, text]));
  return findUnusedMembers(sources).map(({ path, owner, name }) => `${path} ${owner}.${name}`);
}

test('findUnusedMembers() finds methods, accessors and fields of classes and interfaces that nothing names', () => {
  const text = `export class Cup {
    static of(): Cup { return new Cup(); }
    get size(): number { return this.#size(); }
    readonly colour = 'red';
    #size(): number { return 1; }
  }
  export interface Tea { readonly leaves: number; steep(): void }`;
  expect(foundIn(text)).toEqual([
    'a.ts Cup.of',
    'a.ts Cup.size',
    'a.ts Cup.colour',
    'a.ts Tea.leaves',
    'a.ts Tea.steep',
  ]);
});

test('findUnusedMembers() takes a call, a destructuring, a property of an object and a literal for a use', () => {
  const tea = 'export interface Tea { a: number; b: number; c: number; d(): void }';
  const uses = `tea.d(); const { a } = tea; make({ b: 1 }); read(tea, 'c');`;
  expect(foundIn(tea, uses)).toEqual([]);
});

test('findUnusedMembers() does not take the same member of another class for a use', () => {
  expect(foundIn('interface Tea { steep(): void }', 'class Green implements Tea { steep() {} }')).toEqual([
    'b.ts Green.steep',
    'a.ts Tea.steep',
  ]);
});
