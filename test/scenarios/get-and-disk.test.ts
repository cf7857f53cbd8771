import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { get } from '../../src/client/index.ts';
import { manyFilesHere } from '../../src/files/index.ts';
import { createMetainfo, encodeMetainfo, type Metainfo } from '../../src/metainfo/index.ts';
import { FileStorage, OpenFiles, planPart, preparePart, ResumeKeeper } from '../../src/storage/index.ts';
import { Bitfield, systemClock } from '../../src/util/index.ts';
import {
  getAll,
  goodBytes,
  type LocalSwarm,
  leftOf,
  seedLocally,
  startLocalSwarm,
  stopAt,
  untilAllocated,
} from '../support/client/index.ts';
import {
  makeFile,
  requirePeers,
  sha256Of,
  smallDisk,
  type TempFolder,
  tempFolder,
} from '../support/index.ts';

const MIB = 1024 * 1024;
const SIZE = 32 * MIB + 1234;
const PIECE_LENGTH = 64 * 1024;

let folder: TempFolder;
let swarm: LocalSwarm;
let sha256: string;
let made = 0;
beforeAll(async () => {
  folder = await tempFolder();
  sha256 = await makeFile(folder.join('content'), SIZE, 'content');
  swarm = await startLocalSwarm(folder.join('content'), { version: 'v1', pieceLength: PIECE_LENGTH });
});
afterAll(async () => {
  await swarm[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
const freshOutput = () => folder.join(`output ${made++}`);

/** Writes a file until the disk is full, while nothing else happens in this process. */
function fillUp(path: string): void {
  try {
    for (;;) appendFileSync(path, Buffer.alloc(64 * 1024));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
  }
}

describe('get() of a folder', () => {
  test('goes on where it was stopped, and checks only files that were written to since', async () => {
    const sizes = new Map([
      ['a', 24 * MIB],
      ['deep/b', 24 * MIB + 5],
      ['deep/empty', 0],
      ['deep/er/c', 17],
      ['d', 8 * MIB],
    ]);
    const path = folder.join('several');
    for (const [name, size] of sizes) await makeFile(folder.join('several', name), size, name);
    await using several = await startLocalSwarm(path, { pieceLength: PIECE_LENGTH });
    const output = freshOutput();
    await stopAt(several, output, 4 * MIB, '/a');
    expect(await leftOf(output)).toEqual(['.part', '.part.resume']);
    await using file = await open(`${output}.part/d`, 'r+');
    await file.write('changed', 12345);

    const good = await goodBytes(several, output);
    const { result, phases } = await getAll(several, output);
    expect(phases.get('checking')?.total).toBe(8 * MIB);
    expect(phases.get('downloading')!.done).toBe(good);
    expect(result.downloaded).toBe(several.metainfo.length - good);
    for (const name of sizes.keys()) {
      expect(await sha256Of(`${output}/${name}`)).toBe(await sha256Of(`${path}/${name}`));
    }
    expect(await leftOf(output)).toEqual(['']);
  });
});

describe('get() to an output that another get() writes', () => {
  test('is refused, and does not disturb the other', async () => {
    const output = freshOutput();
    const ended = new AbortController();
    const first = getAll(swarm, output).finally(() => ended.abort());
    await untilAllocated(`${output}.part`, MIB, ended.signal);
    await expect(getAll(swarm, output)).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringContaining(`process ${process.pid} is downloading to it`),
    });
    await first;
    expect(await sha256Of(output)).toBe(sha256);
    expect(await leftOf(output)).toEqual(['']);
  });
});

describe('get() that fails', () => {
  test('leaves nothing when the whole is not what was asked for', async () => {
    const output = freshOutput();
    await stopAt(swarm, output, 4 * MIB);
    const wrong = getAll(swarm, output, { sha256: '0'.repeat(64), onWarning: () => {} });
    await expect(wrong).rejects.toMatchObject({ code: 'MISMATCH' });
    expect(await leftOf(output)).toEqual([]);
  });

  test.each(['sparse', 'full'] as const)('leaves nothing when it got no piece: %s', async (preallocation) => {
    const output = freshOutput();
    const stop = new AbortController();
    const stopped = getAll(swarm, output, {
      preallocation,
      signal: stop.signal,
      onProgress: ({ phase }) => phase === 'downloading' && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await leftOf(output)).toEqual([]);
  });

  test('says that a path is too long', async () => {
    const deep = Array.from({ length: 30 }, () => 'x'.repeat(200)).join('/');
    await expect(getAll(swarm, folder.join(deep, 'name'))).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(/its name is too long$/),
    });
  });
});

test('get() takes a name as long as the disk has it', async () => {
  const output = folder.join('ä'.repeat(127));
  await getAll(swarm, output);
  expect(await sha256Of(output)).toBe(sha256);
});

describe('get() with a preallocation', () => {
  test.each(['none', 'sparse', 'full'] as const)('delivers the right bytes: %s', async (preallocation) => {
    const output = freshOutput();
    const { phases } = await getAll(swarm, output, { preallocation });
    expect(phases.has('allocating')).toBe(preallocation === 'full');
    expect(await sha256Of(output)).toBe(sha256);
  });

  test('goes on with a part that was made with another one', async () => {
    const output = freshOutput();
    await stopAt(swarm, output, 4 * MIB);
    const good = await goodBytes(swarm, output);
    const { phases } = await getAll(swarm, output, { preallocation: 'full' });
    expect(phases.get('downloading')!.done).toBe(good);
    expect(await sha256Of(output)).toBe(sha256);
  });
});

describe('get() when the disk becomes full', () => {
  test('ends with a clear error, and goes on when there is room again', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(SIZE + 4 * MIB);
    const output = disk.join('output');
    const { torrent, tracker } = swarm;
    const ended = new AbortController();
    const getting = get({ torrent, tracker, output, host: '127.0.0.1', onWarning: () => {} }).finally(() =>
      ended.abort(),
    );
    const failed = expect(getting).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(/^Cannot download to .*output: the disk is full/),
    });
    await untilAllocated(`${output}.part`, 4 * MIB, ended.signal);
    fillUp(disk.join('filler'));
    await failed;
    expect(await leftOf(output)).toContain('.part');
    const good = await goodBytes(swarm, output);
    expect(good).toBeGreaterThan(0);

    await rm(disk.join('filler'));
    const { phases } = await getAll(swarm, output);
    expect(phases.get('downloading')!.done).toBe(good);
    expect(await sha256Of(output)).toBe(sha256);
    expect(await leftOf(output)).toEqual(['']);
  });

  test('does not notice with its space preallocated', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(SIZE + 4 * MIB);
    const output = disk.join('output');
    let isFull = false;
    await getAll(swarm, output, {
      preallocation: 'full',
      onWarning: () => {},
      onProgress: ({ phase }) => {
        if (phase === 'downloading' && !isFull) fillUp(disk.join('filler'));
        isFull ||= phase === 'downloading';
      },
    });
    expect(isFull).toBe(true);
    expect(await sha256Of(output)).toBe(sha256);
  });
});

test('get() goes on with a file of more than 4 GiB', async () => {
  const pieceLength = 16 * MIB;
  const length = 4096 * MIB + 3 * pieceLength + 17;
  const content = folder.join('large');
  await using file = await open(content, 'w+');
  await file.truncate(length);
  const tail = Buffer.from('the end');
  await file.write(tail, 0, tail.length, length - tail.length);
  const pieceCount = Math.ceil(length / pieceLength);
  const zeros = createHash('sha1').update(Buffer.alloc(pieceLength)).digest();
  const pieces = Array.from({ length: pieceCount }, () => zeros);
  const last = Buffer.alloc(length % pieceLength);
  tail.copy(last, last.length - tail.length);
  pieces[pieceCount - 1] = createHash('sha1').update(last).digest();
  const metainfo = createMetainfo({
    version: 'v1',
    name: 'large',
    pieceLength,
    isSingleFile: true,
    files: [{ path: ['large'], length }],
    pieces: Buffer.concat(pieces),
  });
  await using large = await seedLocally(metainfo, encodeMetainfo(metainfo), content);
  const output = freshOutput();
  await leavePart(output, metainfo, pieceCount - 2);

  const { result, phases } = await getAll(large, output);
  expect(phases.has('checking')).toBe(false);
  expect(result.downloaded).toBe(pieceLength + last.length);
  expect((await stat(output)).size).toBe(length);
  await using got = await open(output);
  const { buffer } = await got.read(Buffer.alloc(tail.length), 0, tail.length, length - tail.length);
  expect(buffer).toEqual(tail);
});

/** Leaves a part as a download does that was stopped with the first pieces, which are zeros. */
async function leavePart(output: string, metainfo: Metainfo, pieceCount: number): Promise<void> {
  const part = planPart(output, true, metainfo.files);
  await preparePart(part, [undefined], { preallocation: 'sparse' });
  const have = new Bitfield(metainfo.pieceCount);
  for (let index = 0; index < pieceCount; index += 1) have.add(index);
  const report = (error: Error) => {
    throw error;
  };
  const openFiles = new OpenFiles({ clock: systemClock, report });
  const storage = new FileStorage({ files: part.files, mode: 'write', openFiles });
  const shared = { clock: systemClock, report, onFailed: report };
  await new ResumeKeeper({ ...shared, many: manyFilesHere, part, torrent: metainfo, have, storage }).close();
}
