import { once } from 'node:events';
import { appendFile, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/util/index.ts';
import {
  getAll,
  goodBytes,
  type LocalSwarm,
  leftOf,
  startLocalSwarm,
  stopAt,
  untilAllocated,
} from '../support/client/index.ts';
import { makeFile, sha256Of, spawnProcess, type TempFolder, tempFolder } from '../support/index.ts';

const MIB = 1024 * 1024;
const SIZE = 12 * MIB + 1234;
const KILLS = 3;

let folder: TempFolder;
let swarm: LocalSwarm;
let sha256: string;
let made = 0;
beforeAll(async () => {
  folder = await tempFolder();
  sha256 = await makeFile(folder.join('content'), SIZE, 'content');
  swarm = await startLocalSwarm(folder.join('content'), { version: 'v1', pieceLength: 64 * 1024 });
});
afterAll(async () => {
  await swarm[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
const freshOutput = () => folder.join(`output ${made++}`);

/** Gets the rest, and sees that it is no more than what is not on disk. */
async function getRest(output: string): Promise<boolean> {
  const good = await goodBytes(swarm, output);
  const { result, phases } = await getAll(swarm, output);
  expect(phases.get('downloading')!.done).toBe(good);
  expect(result.downloaded).toBe(SIZE - good);
  expect(await sha256Of(output)).toBe(sha256);
  expect(await leftOf(output)).toEqual(['']);
  return phases.has('checking');
}

describe('get() after an earlier try', () => {
  test('that was stopped goes on at once, without reading what is there', async () => {
    const output = freshOutput();
    await stopAt(swarm, output, 6 * MIB);
    expect(await leftOf(output)).toEqual(['.part', '.part.resume']);
    expect(await getRest(output)).toBe(false);
  });

  const changes: [what: string, change: (part: string) => Promise<void>][] = [
    ['part was changed', (part) => writeInto(part, 'changed')],
    ['part was cut off', (part) => truncate(part, 3 * MIB + 1)],
    ['part has become longer', (part) => appendFile(part, 'more')],
    ['part was emptied', (part) => truncate(part, 0)],
    ['part is gone', (part) => rm(part)],
    ['resume data is gone', (part) => rm(`${part}.resume`)],
    ['resume data is garbled', (part) => writeFile(`${part}.resume`, 'garbled')],
  ];
  test.each(changes)('whose %s checks what is there, and delivers the right bytes', async (_, change) => {
    const output = freshOutput();
    await stopAt(swarm, output, 4 * MIB);
    await change(`${output}.part`);
    const isThere = (await stat(`${output}.part`).catch(() => undefined)) !== undefined;
    expect(await getRest(output)).toBe(isThere);
  });

  test(`that was killed, ${KILLS} times, downloads nothing again that was on disk`, async () => {
    const output = freshOutput();
    const seed = Date.now() % 2 ** 31;
    console.log(`Killed at random moments of seed ${seed}`);
    const random = seededRandom(seed);
    await writeFile(folder.join('content.torrent'), swarm.torrent);
    const script = new URL('../support/client/get-process.js', import.meta.url).pathname;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = await goodBytes(swarm, output);
      await using child = await spawnProcess(process.execPath, [
        script,
        folder.join('content.torrent'),
        swarm.tracker,
        output,
      ]);
      await untilAllocated(`${output}.part`, before + random.next() * 3 * MIB, child.ended);
      child.kill('SIGKILL');
      if (!child.ended.aborted) await once(child.ended, 'abort');
      expect(child.stdout.filter((line) => /"(warning|error|result)"/.test(line))).toEqual([]);
      expect(await leftOf(output)).not.toContain('');
      expect(await goodBytes(swarm, output)).toBeGreaterThanOrEqual(before);
    }
    expect(await goodBytes(swarm, output)).toBeGreaterThan(0);
    await getRest(output);
  });
});

/** Writes into pieces all over the file. */
async function writeInto(part: string, text: string): Promise<void> {
  await using file = await open(part, 'r+');
  for (let at = 0; at < SIZE; at += 2 * MIB) await file.write(text, at);
}
