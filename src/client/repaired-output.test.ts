import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  entriesOf,
  getAll,
  type LocalSwarm,
  leftOf,
  seedLocally,
  torrentOfFolder,
} from '../../test/support/client/index.ts';
import { makeFile, requirePeers, smallDisk, type TempFolder, tempFolder } from '../../test/support/index.ts';
import { get } from './index.ts';

const LONG_NAME = 'n'.repeat(255);

let content: TempFolder;
let source: string;
let app: LocalSwarm;
let folder: TempFolder;
let output: string;

beforeAll(async () => {
  content = await tempFolder();
  source = content.join('app');
  await makeFile(join(source, 'bin/run'), 50_000, 'run');
  await chmod(join(source, 'bin/run'), 0o755);
  await makeFile(join(source, 'doc~'), 10, 'other');
  await makeFile(join(source, 'doc'), 10, 'doc');
  await makeFile(join(source, LONG_NAME), 40_000, 'long');
  await symlink('doc', join(source, 'link'));
  const torrent = await torrentOfFolder(source);
  app = await seedLocally(torrent, torrent.bytes, source);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await content[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = await tempFolder();
  output = folder.join('output');
  return () => folder[Symbol.asyncDispose]();
});

const modeOf = async (path: string) => (await lstat(path)).mode & 0o7777;

async function failsWith(options: object): Promise<string> {
  const { torrent, tracker } = app;
  const getting = get({ torrent, tracker, output, host: '127.0.0.1', onWarning: () => {}, ...options });
  const error = await getting.then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toMatchObject({ code: 'DISK' });
  return error!.message;
}

/** Runs a program until the test has ended. */
async function keepRunning(program: string): Promise<void> {
  const running: ChildProcess = spawn(program, ['60']);
  await new Promise((resolve, reject) => running.once('spawn', resolve).once('error', reject));
  onTestFinished(() => {
    running.kill('SIGKILL');
  });
}

describe('get() with repair', () => {
  test('sets no mode of a file that has a second name elsewhere', async () => {
    await getAll(app, output);
    await chmod(join(output, 'bin/run'), 0o640);
    await link(join(output, 'bin/run'), folder.join('second'));
    const { result } = await getAll(app, output, { repair: true });
    expect(result).toMatchObject({ repaired: 1, downloaded: 0 });
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
    expect(await modeOf(folder.join('second'))).toBe(0o640);
    expect(await leftOf(output)).toEqual(['']);
  });

  test.runIf(process.platform === 'linux')('makes a program anew that runs', async () => {
    await getAll(app, output);
    await copyFile('/bin/sleep', join(output, 'bin/run'));
    await keepRunning(join(output, 'bin/run'));
    await getAll(app, output, { repair: true });
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
  });

  test('makes files anew whatever their names are', async () => {
    await getAll(app, output);
    for (const name of ['doc~', 'doc', LONG_NAME]) {
      const file = await readFile(join(output, name));
      file[5]! ^= 1;
      await writeFile(join(output, name), file);
      await link(join(output, name), folder.join(`second-${name.slice(0, 9)}`));
    }
    const { result } = await getAll(app, output, { repair: true });
    expect(result.repaired).toBe(3);
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
    expect(await leftOf(output)).toEqual(['']);
  });

  test('takes what other files on this disk have', async () => {
    await getAll(app, output);
    await getAll(app, folder.join('before'));
    await rm(join(output, 'bin/run'));
    await writeFile(join(output, LONG_NAME), Buffer.alloc(40_000));
    await rename(folder.join('before/bin/run'), folder.join('before/renamed'));
    const { result } = await getAll(app, output, { repair: true, reuse: [folder.join('before')] });
    expect(result).toMatchObject({ downloaded: 0, repaired: 2 });
    expect(result.reused).toBeGreaterThan(80_000);
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
  });

  test('refuses to make a file anew in a mounted disk, and changes nothing', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(1024 * 1024);
    output = disk.path;
    await makeFile(disk.join('mine'), 10, 'mine');
    expect(await failsWith({ repair: true })).toMatch(/must be made anew beside .* a disk is mounted at/);
    expect((await entriesOf(output)).map(({ path }) => path)).toEqual([['mine']]);
    expect(await leftOf(output)).toEqual(['']);
  });

  test('counts an entry that has two faults once', async () => {
    await getAll(app, output);
    await writeFile(join(output, 'doc'), 'longer than before');
    await chmod(join(output, 'doc'), 0o755);
    expect((await getAll(app, output, { repair: true })).result.repaired).toBe(1);
  });
});

describe('get() in the place of a folder', () => {
  test('keeps the mode of an empty folder, and of one that is replaced', async () => {
    await mkdir(output, { mode: 0o700 });
    await getAll(app, output);
    expect(await modeOf(output)).toBe(0o700);
    await chmod(output, 0o2750);
    await writeFile(join(output, 'doc'), '');
    await getAll(app, output, { replace: true });
    expect(await modeOf(output)).toBe(0o2750);
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
  });

  test('tells what has gone with a folder that was replaced', async () => {
    await makeFile(join(output, 'mine/a'), 10, 'a');
    await makeFile(join(output, 'doc'), 99, 'old');
    const { result } = await getAll(app, output, { replace: true });
    expect(result.removed).toEqual(['mine/a']);
    expect(result.extra).toBeUndefined();
  });
});
