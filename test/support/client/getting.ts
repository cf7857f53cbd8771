import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { expect } from 'vitest';
import { type GetOptions, type GetProgress, type GetResult, get } from '../../../src/client/index.ts';
import { createHashPool } from '../../../src/hashing/index.ts';
import { dataLengthAt, Pads } from '../../../src/metainfo/index.ts';
import type { LocalSwarm } from './local-swarm.ts';
import { untilAllocated } from './part-growth.ts';

/** A torrent and whom to ask for peers. */
export type Source = Pick<LocalSwarm, 'metainfo' | 'torrent' | 'tracker'>;

export interface Got {
  readonly result: GetResult;
  /** The first that was told of each phase. */
  readonly phases: ReadonlyMap<string, GetProgress>;
}

/** Gets the whole torrent; a warning is an error, unless the options take it. */
export async function getAll(
  { torrent, tracker }: Source,
  output: string,
  options: Partial<GetOptions> = {},
): Promise<Got> {
  const phases = new Map<string, GetProgress>();
  const warnings: string[] = [];
  const result = await get({
    torrent,
    tracker,
    output,
    host: '127.0.0.1',
    onProgress: (progress) => phases.has(progress.phase) || phases.set(progress.phase, progress),
    onWarning: ({ message }) => warnings.push(message),
    ...options,
  });
  expect(warnings).toEqual([]);
  return { result, phases };
}

/** Gives a download up when the file of the part takes so many bytes. */
export async function stopAt(source: Source, output: string, bytes: number, file = ''): Promise<void> {
  const stop = new AbortController();
  const ended = new AbortController();
  const getting = getAll(source, output, { signal: stop.signal });
  const onEnd = () => ended.abort();
  getting.then(onEnd, onEnd);
  await untilAllocated(`${output}.part${file}`, bytes, ended.signal);
  stop.abort();
  await expect(getting).rejects.toMatchObject({ code: 'ABORTED' });
}

/** Counts the bytes of the pieces in the part that are right. */
export async function goodBytes({ metainfo }: Source, output: string): Promise<number> {
  await using pool = createHashPool();
  const { good } = await pool.verifyFiles(metainfo, `${output}.part`);
  const pads = Pads.of(metainfo);
  let bytes = 0;
  for (let index = 0; index < good.length; index += 1) {
    if (good.has(index)) bytes += dataLengthAt(metainfo, pads, index);
  }
  return bytes;
}

/** Lists the endings of the names that begin like the output's, in order: `''` is the output itself. */
export async function leftOf(output: string): Promise<string[]> {
  const name = basename(output);
  const names = await readdir(dirname(output));
  return names
    .filter((found) => found.startsWith(name))
    .map((found) => found.slice(name.length))
    .toSorted();
}
