import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateTorrentOptions } from '../../src/hashing/index.ts';
import { seededRandom } from '../../src/util/index.ts';
import {
  getAll,
  leftOf,
  makeFirstVersion,
  makeSecondVersion,
  startLocalSwarm,
  statesIn,
  stopAt,
  untilAllocated,
} from '../support/client/index.ts';
import { filesIn, makeFile, sha256Of, spawnProcess, type TempFolder, tempFolder } from '../support/index.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const PIECE_LENGTH = 16 * KIB;
const SIZES = { smallFiles: 100, smallBytes: 3 * KIB, largeBytes: MIB };
const KILLS = 3;
const VERSIONS = ['v1', 'v2', 'hybrid'] as const;

let folder: TempFolder;
let written: number;
let made = 0;
beforeAll(async () => {
  folder = await tempFolder();
  await makeFirstVersion(folder.join('first'), SIZES);
  written = await makeSecondVersion(folder.join('first'), folder.join('second'), SIZES);
});
afterAll(() => folder[Symbol.asyncDispose]());
const fresh = () => folder.join(`made ${made++}`);

/** Gets a file or folder, and sees that it is the same. @returns the bytes that were downloaded and reused */
async function getSame(
  data: string,
  reuse: readonly string[],
  options: CreateTorrentOptions = {},
): Promise<{ downloaded: number; reused: number; size: number }> {
  await using swarm = await startLocalSwarm(data, { pieceLength: PIECE_LENGTH, hidden: true, ...options });
  const output = fresh();
  const { result } = await getAll(swarm, output, { reuse });
  if (swarm.metainfo.isSingleFile) expect(await sha256Of(output)).toBe(await sha256Of(data));
  else expect(await filesIn(output)).toEqual(await filesIn(data));
  expect(await leftOf(output)).toEqual(['']);
  expect(result.downloaded + result.reused).toBeGreaterThanOrEqual(result.size);
  return result;
}

describe('get() of a folder in which files have the same content', () => {
  test.each(VERSIONS)('downloads that content once (%s)', async (version) => {
    const data = fresh();
    for (const name of ['a', 'b/copy', 'c']) await makeFile(`${data}/${name}`, MIB + 5000, 'twin');
    await makeFile(`${data}/between`, 10_000, 'another');
    const { downloaded, reused, size } = await getSame(data, [], { version });
    // The ends of a file in a v1 torrent share their pieces with other files, which are downloaded.
    const ends = version === 'v1' ? 4 * PIECE_LENGTH : 0;
    expect(downloaded).toBeLessThanOrEqual(MIB + 5000 + 10_000 + ends);
    expect(downloaded + reused).toBe(size);
  });

  test('copies it from an earlier try that was stopped', async () => {
    const data = fresh();
    for (const name of ['a', 'b']) await makeFile(`${data}/${name}`, 4 * MIB, 'twin');
    await using swarm = await startLocalSwarm(data, { version: 'hybrid', pieceLength: PIECE_LENGTH });
    const output = fresh();
    await stopAt(swarm, output, MIB, '/a');
    const { result } = await getAll(swarm, output);
    expect(result.downloaded).toBeLessThan(4 * MIB);
    expect(result.reused).toBe(4 * MIB);
    expect(await filesIn(output)).toEqual(await filesIn(data));
  });
});

describe('get() with reuse', () => {
  test.each(VERSIONS)('moves little more than what has changed in a folder (%s)', async (version) => {
    const before = await statesIn(folder.join('first'));
    const { downloaded, size } = await getSame(folder.join('second'), [folder.join('first')], { version });
    // A small file may lie in two pieces of a v1 torrent, whose pieces end where they like.
    const perFile = version === 'v1' ? 2 * PIECE_LENGTH : PIECE_LENGTH;
    expect(downloaded).toBeLessThan(0.05 * size + written * perFile);
    expect(await statesIn(folder.join('first'))).toEqual(before);
    expect(await filesIn(folder.join('first'))).toMatchObject({ 'large/renamed.bin': expect.any(String) });
  });

  test.each(VERSIONS)('downloads nothing when all is there under other names (%s)', async (version) => {
    const moved = fresh();
    await cp(folder.join('first'), moved, { recursive: true });
    await rename(`${moved}/large`, `${moved}/big`);
    await rename(`${moved}/big/log.bin`, `${moved}/log.old`);
    const { downloaded } = await getSame(moved, [folder.join('first')], { version });
    expect(downloaded).toBe(0);
  });

  test('finds two files of one size that have changed their names with each other', async () => {
    const [older, newer] = [fresh(), fresh()];
    for (const [at, name] of ['a', 'b', 'c'].entries()) {
      await makeFile(`${older}/${name}`, MIB, `content ${name}`);
      await makeFile(`${newer}/${name}`, MIB, `content ${'bac'[at]}`);
    }
    expect(await getSame(newer, [older], { version: 'v2' })).toMatchObject({
      downloaded: 0,
      reused: 3 * MIB,
    });
  });

  test('takes each file from the folder that has it', async () => {
    const [one, other] = [fresh(), fresh()];
    await cp(folder.join('first'), one, { recursive: true });
    await cp(folder.join('first'), other, { recursive: true });
    await rm(`${one}/large`, { recursive: true });
    await makeFile(`${other}/small/3/3.txt`, 3 * KIB + 3, 'other');
    await rm(`${other}/small/4`, { recursive: true });
    const got = await getSame(folder.join('first'), [one, other], { version: 'hybrid' });
    expect(got.downloaded).toBe(0);
    expect(await getSame(folder.join('first'), [other, one], { version: 'hybrid' })).toEqual(
      expect.objectContaining({ downloaded: 0 }),
    );
  });

  test('takes the pieces of a single file from a file of any name', async () => {
    const older = folder.join('first/large/changed.bin');
    const got = await getSame(folder.join('second/large/changed.bin'), [older], { version: 'v1' });
    expect(got).toMatchObject({ downloaded: PIECE_LENGTH, reused: MIB - PIECE_LENGTH });
  });

  test('takes the pieces of the file that is replaced, without being told', async () => {
    const output = fresh();
    await cp(folder.join('first/large/log.bin'), output);
    await using swarm = await startLocalSwarm(folder.join('second/large/log.bin'), {
      pieceLength: PIECE_LENGTH,
    });
    const { result, phases } = await getAll(swarm, output);
    expect(result).toMatchObject({ reused: MIB, wasThere: false });
    expect(phases.get('reusing')).toMatchObject({ total: expect.any(Number), done: expect.any(Number) });
    expect(await sha256Of(output)).toBe(await sha256Of(folder.join('second/large/log.bin')));
  });

  test('takes the files of the folder that is replaced, without being told', async () => {
    const output = fresh();
    await cp(folder.join('first'), output, { recursive: true });
    await using swarm = await startLocalSwarm(folder.join('second'), { pieceLength: PIECE_LENGTH });
    const { result } = await getAll(swarm, output, { replace: true });
    expect(result.downloaded).toBeLessThan(0.05 * result.size + written * PIECE_LENGTH);
    expect(result).toMatchObject({ wasThere: false, path: output });
    expect(await filesIn(output)).toEqual(await filesIn(folder.join('second')));
    expect(await leftOf(output)).toEqual(['']);
  });

  test('leaves holes of a file as they are', async () => {
    const [older, newer] = [fresh(), fresh()];
    for (const [path, text] of [
      [older, 'old'],
      [newer, 'new'],
    ] as const) {
      await writeFile(path, text);
      await truncate(path, 64 * MIB);
      await appendFile(path, 'end');
    }
    await using swarm = await startLocalSwarm(newer, { pieceLength: 64 * KIB });
    const output = fresh();
    const { result } = await getAll(swarm, output, { reuse: [older] });
    expect(result).toMatchObject({ downloaded: 64 * KIB, reused: 64 * MIB - 64 * KIB + 3 });
    expect((await stat(output)).blocks * 512).toBeLessThan(MIB);
    expect(await sha256Of(output)).toBe(await sha256Of(newer));
  });

  test('opens no pipe, and follows no link out of the folder', async () => {
    const [older, newer, secret] = [fresh(), fresh(), fresh()];
    for (const name of ['a', 'b', 'c/d']) await makeFile(`${newer}/${name}`, 100 * KIB, name);
    await mkdir(older);
    await promisify(execFile)('mkfifo', [`${older}/a`]);
    await cp(newer, secret, { recursive: true });
    await symlink(`${secret}/b`, `${older}/b`);
    await symlink(`${secret}/c`, `${older}/c`);
    const { reused, downloaded } = await getSame(newer, [older], { version: 'v2' });
    expect({ reused, downloaded }).toEqual({ reused: 0, downloaded: 300 * KIB });
  });

  test('does without a file that it may not read', async () => {
    const older = fresh();
    await cp(folder.join('first'), older, { recursive: true });
    await chmod(`${older}/large/log.bin`, 0);
    await getSame(folder.join('first'), [older], { version: 'v2' });
  });

  test.each([
    ['/dev/zero', /^Cannot reuse \/dev\/zero: it is a character device/],
    ['missing', /^Cannot reuse .*missing: there is no such file or folder/],
  ])('fails at once when %s is to be reused', async (name, message) => {
    await using swarm = await startLocalSwarm(folder.join('first'));
    const output = fresh();
    const reuse = [name.startsWith('/') ? name : folder.join(name)];
    await expect(getAll(swarm, output, { reuse })).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(message),
    });
    expect(await leftOf(output)).toEqual([]);
  });

  test('downloads everything when nothing fits', async () => {
    const older = fresh();
    for (let at = 0; at < 30; at += 1)
      await makeFile(`${older}/small/${at % 10}/${at}.txt`, 3 * KIB + at, `x ${at}`);
    const got = await getSame(folder.join('first'), [older], { version: 'v2' });
    expect(got).toMatchObject({ reused: 0, downloaded: got.size });
  });

  test('goes on from what an earlier try has left, and takes only what is missing', async () => {
    const data = fresh();
    await makeFile(data, 8 * MIB, 'interrupted');
    const older = fresh();
    await makeFile(older, 8 * MIB, 'interrupted');
    await appendFile(older, 'more');
    await using swarm = await startLocalSwarm(data, { version: 'v1', pieceLength: PIECE_LENGTH });
    const output = fresh();
    await stopAt(swarm, output, 2 * MIB);
    const { result, phases } = await getAll(swarm, output, { reuse: [older] });
    expect(result.downloaded).toBe(0);
    expect(result.reused).toBeLessThan(7 * MIB);
    expect(phases.get('downloading')!.done).toBe(8 * MIB);
    expect(await sha256Of(output)).toBe(await sha256Of(data));
  });

  test(`that is killed ${KILLS} times leaves the older folder as it was, and goes on`, async () => {
    const seed = Date.now() % 2 ** 31;
    console.log(`Killed at random moments of seed ${seed}`);
    const random = seededRandom(seed);
    const [first, second, output] = [folder.join('first'), folder.join('second'), fresh()];
    await using swarm = await startLocalSwarm(second, { pieceLength: PIECE_LENGTH });
    await writeFile(`${output}.torrent`, swarm.torrent);
    const before = [await statesIn(first), await filesIn(first)];
    const script = new URL('../support/client/get-process.js', import.meta.url).pathname;
    const args = [script, `${output}.torrent`, swarm.tracker, output, first];
    for (let kill = 0; kill < KILLS; kill += 1) {
      await using child = await spawnProcess(process.execPath, args);
      const file = `${output}.part/large/changed.bin`;
      await untilAllocated(file, random.next() * SIZES.largeBytes, child.ended);
      child.kill('SIGKILL');
      if (!child.ended.aborted) await once(child.ended, 'abort');
      expect(child.stdout.filter((line) => /"(warning|error)"/.test(line))).toEqual([]);
      expect([await statesIn(first), await filesIn(first)]).toEqual(before);
    }
    await getAll(swarm, output, { reuse: [first] });
    expect(await filesIn(output)).toEqual(await filesIn(second));
    expect(await leftOf(output)).toEqual(['', '.torrent']);
    expect([await statesIn(first), await filesIn(first)]).toEqual(before);
  });

  test('does not take the part itself for a file to reuse', async () => {
    const here = fresh();
    await mkdir(here);
    await using swarm = await startLocalSwarm(folder.join('first'), { pieceLength: PIECE_LENGTH });
    await writeFile(`${here}/unrelated`, 'text');
    const { result } = await getAll(swarm, `${here}/got`, { reuse: [here] });
    expect(result).toMatchObject({ reused: 0, downloaded: result.size });
  });
});
