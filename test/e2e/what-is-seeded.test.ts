import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeFile, tempFolder } from '../support/index.ts';
import { runShoal, shoal, untilEventOf } from './shoal.ts';

/** A folder with one good file, a link that leads nowhere, and one of each kind that is left out. */
async function mixedFolder() {
  const folder = await tempFolder();
  await makeFile(folder.join('in/good.bin'), 1000, 'good');
  await mkdir(folder.join('in/below'));
  await symlink('nowhere', folder.join('in/below/dangling'));
  await makeFile(folder.join('in/.hidden'), 1000, 'hidden');
  await mkdir(folder.join('in/empty'));
  await symlink('good.bin', folder.join('in/link'));
  execFileSync('mkfifo', [folder.join('in/pipe')]);
  return folder;
}

const LEFT_OUT = { hidden: 1, links: 2, loops: 0, emptyFolders: 1, special: 1 };

describe('shoal seed', () => {
  test('offers what it can, and names what it cannot and what it leaves out', async () => {
    await using folder = await mixedFolder();
    const paths = [folder.join('in'), folder.join('missing'), folder.join('in/pipe')];
    await using seeder = await shoal([
      'seed',
      '--port',
      '0',
      '--tracker',
      'http://127.0.0.1:1',
      '--json',
      ...paths,
    ]);
    const { torrents, notOffered, leftOut } = await untilEventOf(seeder, 'listening');
    expect(torrents).toMatchObject([{ name: 'good.bin' }]);
    expect(new Set((notOffered as { path: string }[]).map(({ path }) => path))).toEqual(
      new Set([folder.join('missing'), folder.join('in/pipe')]),
    );
    expect(leftOut).toEqual(LEFT_OUT);
    seeder.kill('SIGTERM');
    await seeder.exitsWith(0);
  });

  test('offers later what was not there, or not what the torrent says, at the start, once it has settled', async () => {
    await using folder = await tempFolder();
    for (const name of ['a', 'b']) {
      await makeFile(folder.join(`data/${name}.bin`), 50_000, name);
      await runShoal(['create', folder.join(`data/${name}.bin`), '-o', folder.join(`${name}.torrent`)]);
    }
    await makeFile(folder.join('data/a.bin'), 50_000, 'other');
    const torrents = [folder.join('a.torrent'), folder.join('b.torrent')];
    const listen = ['--port', '0', '--tracker', 'http://127.0.0.1:1', '--json'];
    await using ofTorrents = await shoal(['seed', ...torrents, '--data', folder.join('data'), ...listen]);
    await using ofPaths = await shoal([
      'seed',
      folder.join('data/b.bin'),
      folder.join('late.bin'),
      ...listen,
    ]);
    await untilEventOf(ofTorrents, 'listening');
    await untilEventOf(ofPaths, 'listening');
    await makeFile(folder.join('data/a.bin'), 50_000, 'a');
    const sha256 = await makeFile(folder.join('late.bin'), 50_000, 'late');
    expect(await untilEventOf(ofPaths, 'offered')).toMatchObject({ path: folder.join('late.bin'), sha256 });
    expect(await untilEventOf(ofTorrents, 'offered')).toMatchObject({ path: folder.join('data/a.bin') });
  });

  test('takes hidden files and follows links when asked', async () => {
    await using folder = await mixedFolder();
    const args = ['seed', '--port', '0', '--tracker', 'http://127.0.0.1:1', '--hidden', '--follow', '--json'];
    await using seeder = await shoal([...args, folder.join('in')]);
    const { torrents, notOffered, leftOut } = await untilEventOf(seeder, 'listening');
    const names = (torrents as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['.hidden', 'good.bin', 'link']);
    expect(notOffered).toMatchObject([{ path: folder.join('in/below/dangling'), code: 'DISK' }]);
    expect(leftOut).toEqual({ ...LEFT_OUT, hidden: 0, links: 0 });
  });

  test.each([
    ['2, when the folders are empty', 2, 'NO_FILES', ['empty']],
    ['6, when paths are not there', 6, 'DISK', ['missing', 'empty', 'none']],
  ])('ends with %s and nothing can be offered', async (_what, exitCode, code, names) => {
    await using folder = await tempFolder();
    await mkdir(folder.join('empty'));
    const paths = names.map((name) => folder.join(name));
    const failed = await runShoal(['seed', '--port', '0', ...paths], exitCode);
    expect(failed).toMatchObject({ event: 'failed', code, exitCode });
    if (names.length > 1) {
      expect(failed).toMatchObject({ failures: paths.map((path) => ({ path })) });
    }
  });

  test('offers the torrents made elsewhere whose files are whole, and names the others', async () => {
    await using folder = await tempFolder();
    const [a, b, noise] = ['a.torrent', 'b.torrent', 'noise.torrent'].map((name) => folder.join(name));
    for (const name of ['a', 'b']) {
      await makeFile(folder.join(`data/${name}.bin`), 50_000, name);
      await runShoal(['create', folder.join(`data/${name}.bin`), '-o', folder.join(`${name}.torrent`)]);
    }
    await writeFile(noise!, 'noise');
    await makeFile(folder.join('data/a.bin'), 50_000, 'other');
    const args = ['seed', a!, b!, noise!, folder.join('none.torrent'), '--data', folder.join('data')];
    await using seeder = await shoal([...args, '--port', '0', '--json']);
    const { torrents, notOffered } = await untilEventOf(seeder, 'listening');
    expect(torrents).toMatchObject([{ name: 'b.bin' }]);
    expect(notOffered).toMatchObject([
      { path: noise, code: 'BAD_TORRENT' },
      { path: folder.join('data/a.bin'), code: 'MISMATCH' },
    ]);
    expect(seeder.output).toContain('none.torrent');
  });
});

describe('shoal create', () => {
  test('refuses a folder and names all files that cannot be used, or leaves them out and tells them', async () => {
    await using folder = await mixedFolder();
    const create = ['create', folder.join('in'), '-o', folder.join('in.torrent'), '--follow'];
    const dangling = { path: folder.join('in/below/dangling'), code: 'FILE_UNREADABLE' };
    expect(await runShoal(create, 6)).toMatchObject({ code: 'FILE_UNREADABLE', failures: [dangling] });
    expect(await runShoal([...create, '--skip-unreadable'])).toMatchObject({
      files: [{ path: 'good.bin' }, { path: 'link' }],
      leftOut: { ...LEFT_OUT, links: 0, emptyFolders: 0 },
      skipped: [dangling],
    });
  });

  test('takes hidden files and follows links when asked', async () => {
    await using folder = await mixedFolder();
    await rm(folder.join('in/below'), { recursive: true });
    const create = ['create', folder.join('in'), '-o', folder.join('in.torrent'), '--hidden', '--follow'];
    expect(await runShoal(create)).toMatchObject({
      files: [{ path: '.hidden' }, { path: 'good.bin' }, { path: 'link' }],
    });
  });

  test('says to people what was left out, and which flags take it', async () => {
    await using folder = await mixedFolder();
    await using create = await shoal(['create', folder.join('in'), '-o', folder.join('in.torrent')]);
    await create.exitsWith(0);
    expect(create.stdout).toContain(
      'Left out: 1 hidden file or folder, 1 device, pipe or socket (--hidden takes these)',
    );
    expect(create.stdout).toContain('Holds         1 file, 2 symbolic links, 1 empty folder');
    expect(create.output).toMatch(/^Content id {4}[0-9a-f]{64}$/m);
    expect(create.output).not.toContain('SHA-256');
  });

  test('names the links that lead out of the folder, and takes what they lead to when asked', async () => {
    await using folder = await mixedFolder();
    await rm(folder.join('in/below'), { recursive: true });
    await makeFile(folder.join('outside'), 10, 'outside');
    await symlink('../outside', folder.join('in/out'));
    const create = ['create', folder.join('in'), '-o', folder.join('in.torrent')];
    const failures = [{ path: folder.join('in/out'), code: 'LINK_OUTSIDE' }];
    const publish = ['publish', folder.join('in'), '--port', '0'];
    for (const command of [create, publish]) {
      expect(await runShoal(command, 2)).toMatchObject({ code: 'LINK_OUTSIDE', failures });
      await using refused = await shoal(command);
      await refused.exitsWith(2);
      expect(refused.output).toContain('--follow takes what links lead to in their place.');
    }
    expect(await runShoal([...create, '--follow'])).toMatchObject({
      files: [{ path: 'good.bin' }, { path: 'link' }, { path: 'out' }],
    });
  });

  test.each([{ command: ['seed', '--port', '0'] }, { command: ['create'] }])(
    'opens no pipe and no device: $command refuses them',
    async ({ command }) => {
      await using folder = await mixedFolder();
      for (const path of [folder.join('in/pipe'), '/dev/null']) {
        expect(await runShoal([...command, path], 2)).toMatchObject({ code: 'NO_FILES' });
      }
    },
  );
});
