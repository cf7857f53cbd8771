import {
  appendFileSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ReadState, readPart } from './read-part.ts';

const data = Uint8Array.from({ length: 1000 }, (_, at) => at & 0xff);

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-read-'));
  path = join(folder, 'file');
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => writeFileSync(path, data));

/** Reads with a block of 64 bytes. @param onBlock is called with the number of the block */
function read(
  position: number,
  length: number,
  {
    at = path,
    realPath,
    onBlock = (_block: number) => {},
  }: { at?: string; realPath?: string; onBlock?: (block: number) => void } = {},
): { bytes: Buffer; lengths: number[]; state: ReadState } {
  const blocks: Buffer[] = [];
  const state = readPart({ path: at, realPath, position, length }, new Uint8Array(64), (bytes) => {
    blocks.push(Buffer.from(bytes));
    onBlock(blocks.length);
  });
  return { bytes: Buffer.concat(blocks), lengths: blocks.map((block) => block.length), state };
}

describe('readPart()', () => {
  test('readPart() reads a part in whole blocks and a shorter last one', () => {
    const { bytes, lengths, state } = read(100, 200);
    expect(bytes).toEqual(Buffer.from(data.subarray(100, 300)));
    expect(lengths).toEqual([64, 64, 64, 8]);
    expect(state).toMatchObject({ kind: 'found', size: 1000 });
    expect(read(0, 0)).toEqual({ bytes: Buffer.alloc(0), lengths: [], state });
  });

  test('readPart() gives zeros for the bytes behind the end of the file', () => {
    const { bytes, lengths, state } = read(900, 300);
    expect(bytes).toEqual(Buffer.concat([data.subarray(900), Buffer.alloc(200)]));
    expect(lengths).toEqual([64, 64, 64, 64, 44]);
    expect(state).toMatchObject({ kind: 'found', size: 1000 });
    expect(read(2000, 100)).toMatchObject({ bytes: Buffer.alloc(100), state });
  });

  test('readPart() reads nothing through a link that took the place of a file or of its folder', () => {
    mkdirSync(join(folder, 'sub'));
    const at = join(folder, 'sub/file');
    writeFileSync(at, data);
    const realPath = realpathSync(at);
    expect(read(0, 100, { at, realPath }).state.kind).toBe('found');
    rmSync(at);
    symlinkSync('../file', at);
    expect(read(0, 100, { at, realPath })).toMatchObject({
      bytes: Buffer.alloc(100),
      state: { kind: 'unreadable' },
    });
    rmSync(join(folder, 'sub'), { recursive: true });
    symlinkSync('.', join(folder, 'sub'));
    expect(read(0, 100, { at, realPath })).toMatchObject({
      bytes: Buffer.alloc(100),
      state: { kind: 'unreadable' },
    });
    expect(read(0, 100, { at }).state.kind).toBe('found');
    rmSync(join(folder, 'sub'));
  });

  test('readPart() tells a missing file apart from one that cannot be read', () => {
    const kindOf = (at: string) => {
      const { bytes, state } = read(0, 100, { at });
      expect(bytes).toEqual(Buffer.alloc(100));
      return state.kind;
    };
    expect(kindOf(join(folder, 'none'))).toBe('missing');
    expect(kindOf(join(path, 'below'))).toBe('missing');
    expect(kindOf(folder)).toBe('unreadable');
    expect(kindOf(join(folder, 'n'.repeat(300)))).toBe('unreadable');
  });

  test.each<[string, () => void]>([
    ['becomes longer', () => appendFileSync(path, 'more')],
    ['becomes shorter', () => truncateSync(path, 70)],
  ])('readPart() notices when the file %s during the read', (_, change) => {
    const { lengths, state } = read(0, 1000, { onBlock: (block) => block === 1 && change() });
    expect(lengths.reduce((sum, length) => sum + length)).toBe(1000);
    expect(state).toEqual({ kind: 'changed' });
  });

  test('readPart() finds another version of a file that was replaced', () => {
    const before = read(0, 10).state;
    expect(read(500, 10).state).toEqual(before);
    writeFileSync(join(folder, 'new'), data);
    renameSync(join(folder, 'new'), path);
    expect(read(500, 10).state).not.toEqual(before);
  });
});
