import { appendFile, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile, sha256Of, spawnProcess, type TempFolder, tempFolder } from '../../test/support/index.ts';
import { createHashPool } from '../hashing/index.ts';
import { seededRandom } from '../util/index.ts';
import { type GetOptions, type GetProgress, type GetResult, get } from './index.ts';
import { type LocalSwarm, startLocalSwarm } from './testing/local-swarm.ts';
import { untilAllocated } from './testing/part-growth.ts';

const MIB = 1024 * 1024;
const SIZE = 96 * MIB + 1234;
const SECONDS = 1000;

let folder: TempFolder;
let swarm: LocalSwarm;
let sha256: string;
let made = 0;
beforeAll(async () => {
  folder = await tempFolder();
  sha256 = await makeFile(folder.join('content'), SIZE, 'content');
  swarm = await startLocalSwarm(folder.join('content'), { version: 'v1', pieceLength: 64 * 1024 });
  await writeFile(folder.join('content.torrent'), swarm.torrent);
});
afterAll(async () => {
  await swarm[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
const freshOutput = () => folder.join(`output ${made++}.`);

interface Got {
  readonly result: GetResult;
  /** The first of each phase. */
  readonly phases: Map<string, GetProgress>;
}

async function getAll(output: string, options: Partial<GetOptions> = {}): Promise<Got> {
  const phases = new Map<string, GetProgress>();
  const { torrent, tracker } = swarm;
  const result = await get({
    torrent,
    tracker,
    output,
    host: '127.0.0.1',
    onProgress: (progress) => phases.has(progress.phase) || phases.set(progress.phase, progress),
    onWarning: (error) => {
      throw error;
    },
    ...options,
  });
  return { result, phases };
}

/** Gives a download up when the part takes so many bytes. */
async function stopAt(output: string, bytes: number, options: Partial<GetOptions> = {}): Promise<void> {
  const stop = new AbortController();
  const getting = getAll(output, { ...options, signal: stop.signal });
  const ended = new AbortController();
  getting.then(
    () => ended.abort(),
    () => ended.abort(),
  );
  await untilAllocated(`${output}.part`, bytes, ended.signal);
  stop.abort();
  await expect(getting).rejects.toMatchObject({ code: 'ABORTED' });
}

/** Bytes of the pieces in the part that are right. */
async function goodBytes(output: string): Promise<number> {
  await using pool = createHashPool();
  const { metainfo } = swarm;
  const { good } = await pool.verifyFiles(metainfo, `${output}.part`);
  let bytes = 0;
  for (let index = 0; index < good.length; index += 1) {
    const isLast = index === good.length - 1;
    if (good.has(index)) bytes += isLast ? SIZE - index * metainfo.pieceLength : metainfo.pieceLength;
  }
  return bytes;
}

/** Everything whose name begins like that of the output. */
async function leftOf(output: string): Promise<string[]> {
  const names = await readdir(folder.path);
  return names.filter((name) => folder.join(name).startsWith(output)).map((name) => folder.join(name));
}

describe('get() after an earlier try', () => {
  test('that was stopped goes on at once, without reading what is there', async () => {
    const output = freshOutput();
    await stopAt(output, 20 * MIB);
    const before = await goodBytes(output);
    expect((await leftOf(output)).toSorted()).toEqual([`${output}.part`, `${output}.part.resume`]);

    const { result, phases } = await getAll(output);
    expect(phases.has('checking')).toBe(false);
    expect(phases.get('downloading')!.done).toBe(before);
    expect(result.downloaded).toBe(SIZE - before);
    expect(await sha256Of(output)).toBe(sha256);
    expect(await leftOf(output)).toEqual([output]);
  });

  const tamperings: [how: string, tamper: (part: string) => Promise<void>][] = [
    [
      'whose part was changed',
      async (part) => {
        await using file = await open(part, 'r+');
        for (let at = 0; at < SIZE; at += 5 * MIB) await file.write('changed', at);
      },
    ],
    ['whose part was cut off', (part) => truncate(part, 3 * MIB + 1)],
    ['whose part has become longer', (part) => appendFile(part, 'more')],
    ['whose part was emptied', (part) => truncate(part, 0)],
    ['whose part is gone', (part) => rm(part)],
    ['whose resume data is gone', (part) => rm(`${part}.resume`)],
    ['whose resume data is garbled', (part) => writeFile(`${part}.resume`, 'garbled')],
  ];
  test.each(tamperings)('%s checks what is there and delivers the right bytes', async (_, tamper) => {
    const output = freshOutput();
    await stopAt(output, 12 * MIB);
    await tamper(`${output}.part`);
    const before = await stat(`${output}.part`).catch(() => undefined);
    const good = await goodBytes(output);

    const { result, phases } = await getAll(output);
    expect(phases.has('checking')).toBe(before !== undefined);
    expect(phases.get('downloading')!.done).toBe(good);
    expect(result.downloaded).toBe(SIZE - good);
    expect(await sha256Of(output)).toBe(sha256);
    expect(await leftOf(output)).toEqual([output]);
  });

  test('that was killed, again and again, downloads nothing twice that was on disk', {
    timeout: 120 * SECONDS,
  }, async () => {
    const output = freshOutput();
    const seed = Date.now() % 2 ** 31;
    console.log(`random kills of seed ${seed}`);
    const random = seededRandom(seed);
    const script = new URL('./testing/get-process.js', import.meta.url).pathname;
    const args = [script, folder.join('content.torrent'), swarm.tracker, output];
    for (let round = 0; round < 4; round += 1) {
      const before = await goodBytes(output);
      const child = await spawnProcess(process.execPath, args);
      await untilAllocated(`${output}.part`, before + random.next() * 12 * MIB, child.ended);
      child.kill('SIGKILL');
      if (!child.ended.aborted)
        await new Promise((resolve) => child.ended.addEventListener('abort', resolve));
      expect(child.stdout.filter((line) => /"(warning|error|result)"/.test(line))).toEqual([]);
      expect((await leftOf(output)).includes(output)).toBe(false);
      expect(await goodBytes(output)).toBeGreaterThanOrEqual(before);
    }
    const before = await goodBytes(output);
    expect(before).toBeGreaterThan(0);
    const { result, phases } = await getAll(output);
    expect(phases.get('downloading')!.done).toBe(before);
    expect(result.downloaded).toBe(SIZE - before);
    expect(await sha256Of(output)).toBe(sha256);
    expect(await leftOf(output)).toEqual([output]);
  });
});
