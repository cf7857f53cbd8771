import { createHash, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { randomBelow, seededRandom } from '../../src/util/index.ts';
import { makeFile, type SpawnedProcess, tempFolder } from '../support/index.ts';
import { eventsOf, shoal, untilEventOf } from './shoal.ts';

interface Offered {
  readonly name: string;
  readonly path: string;
  readonly infoHash: string;
  readonly sha256?: string;
  readonly contentId?: string;
  readonly files?: number;
}

/** Starts a seeder of a folder that no tracker is told of. */
async function start(args: readonly string[], cache: string) {
  const offering = ['--port', '0', '--bind', '127.0.0.1', '--tracker', 'http://127.0.0.1:1', '--json'];
  const spawned = await shoal([...args, ...offering, '--cache-dir', cache]);
  const listening = await untilEventOf(spawned, 'listening');
  return { spawned, torrents: listening['torrents'] as readonly Offered[] };
}

/** Waits until a seeder tells an event with a field. */
async function untilTold(spawned: SpawnedProcess, name: string, field: string): Promise<Offered> {
  const [line] = await spawned.waitForLine(new RegExp(`^\\{"event":"${name}".*${field}[,}].*`));
  return JSON.parse(line) as Offered;
}

test('shoal publish --watch offers a new version of a folder after changes, and none in between', async () => {
  await using folder = await tempFolder();
  const root = folder.join('build');
  await makeFile(folder.join('build/a'), 100_000, 'a');
  await makeFile(folder.join('build/deep/b'), 1000, 'b');
  const { spawned, torrents } = await start(['publish', '--watch', root], folder.join('cache'));
  await using _ = spawned;
  expect(torrents).toEqual([
    expect.objectContaining({ name: 'build', files: 2, contentId: expect.stringMatching(/^[0-9a-f]{64}$/) }),
  ]);
  await Promise.all(
    Array.from({ length: 200 }, (_, at) => writeFile(folder.join(`build/deep/${at}`), `${at}`)),
  );
  const second = await untilTold(spawned, 'offered', '"files":202');
  expect(second.contentId).not.toBe(torrents[0]!.contentId);
  expect(eventsOf(spawned).filter(({ event }) => event === 'offered')).toHaveLength(1);
  await rm(folder.join('build/deep'), { recursive: true });
  await untilTold(spawned, 'withdrawn', `"infoHash":"${second.infoHash}"`);
  const third = await untilTold(spawned, 'offered', '"files":1');
  expect(third.name).toBe('build');
});

test('shoal seed reads no byte of files that have not changed since its last start', async () => {
  await using folder = await tempFolder();
  const bytes = 40_000_000;
  await makeFile(folder.join('data/a'), bytes, 'a');
  await makeFile(folder.join('data/b'), 100, 'b');
  const before = await start(['seed', folder.join('data')], folder.join('cache'));
  await before.spawned[Symbol.asyncDispose]();
  const after = await start(['seed', folder.join('data')], folder.join('cache'));
  await using _ = after.spawned;
  expect(after.torrents).toEqual(before.torrents);
  if (process.platform !== 'linux') return;
  const [, read] = /^rchar: (\d+)$/m.exec(await readFile(`/proc/${after.spawned.pid}/io`, 'utf8'))!;
  expect(Number(read)).toBeLessThan(bytes / 2);
});

test('after kill -9 of a watching seeder at random moments, the next one offers the bytes that are on disk', async () => {
  const seed = randomInt(2 ** 32);
  const random = seededRandom(seed);
  const below = (count: number) => randomBelow(random, count);
  await using folder = await tempFolder();
  await mkdir(folder.join('data'));
  for (let name = 0; name < 20; name += 1) await writeFile(folder.join(`data/${name}`), String(below(1e9)));
  for (let round = 0; round < 3; round += 1) {
    const { spawned } = await start(['seed', '--watch', folder.join('data')], folder.join('cache'));
    for (let change = 0; change < 5 + below(60); change += 1) {
      const path = folder.join(`data/${below(25)}`);
      const how = below(4);
      if (how === 0) await rm(path, { force: true });
      else if (how === 1) {
        await writeFile(folder.join('new'), String(below(1e9)));
        await rename(folder.join('new'), path);
      } else await writeFile(path, String(below(1e9)));
    }
    spawned.kill('SIGKILL');
    await spawned[Symbol.asyncDispose]();
    await writeFile(folder.join('data/always'), String(round));
    const next = await start(['seed', folder.join('data')], folder.join('cache'));
    const offered = new Map(next.torrents.map(({ name, sha256 }) => [name, sha256]));
    await next.spawned[Symbol.asyncDispose]();
    const onDisk = new Map<string, string>();
    for (const name of await readdir(folder.join('data'))) {
      onDisk.set(
        name,
        createHash('sha256')
          .update(await readFile(folder.join(`data/${name}`)))
          .digest('hex'),
      );
    }
    const sorted = (map: ReadonlyMap<string, string | undefined>) =>
      [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(offered), `seed ${seed}, round ${round}`).toEqual(sorted(onDisk));
  }
});
