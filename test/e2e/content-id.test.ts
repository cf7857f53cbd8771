import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot, runProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { eventsOf, runShoal, shoal } from './shoal.ts';

let script: string;

beforeAll(async () => {
  const page = await readFile(join(repositoryRoot, 'docs/content-id.md'), 'utf8');
  script = /^```sh\n(.*?)^```$/ms.exec(page)![1]!;
});

/** Computes an id with the script of docs/content-id.md. */
async function idByScript(path: string, shell = 'sh'): Promise<string> {
  return (await runProcess(shell, ['-c', script, shell, path])).trim();
}

async function idByShoal(path: string): Promise<string> {
  return String((await runShoal(['id', path]))['id']);
}

/** Writes a file below a folder, whose name is given as latin1 of its bytes. */
async function put(folder: TempFolder, name: string, mode = 0o644): Promise<void> {
  const path = Buffer.from(folder.join(name), 'latin1');
  await mkdir(Buffer.from(dirname(folder.join(name)), 'latin1'), { recursive: true });
  await writeFile(path, name);
  await chmod(path, mode);
}

/** A folder with the names that programs get wrong, with modes, links and empty folders. */
async function oddFolder(): Promise<TempFolder> {
  const folder = await tempFolder();
  for (const name of [
    'plain',
    'with space',
    ' lead and trail ',
    'new\nline',
    'back\\slash',
    '\xb2\xe2.txt',
    'd\xff/a',
    '-rf',
    '--',
    '\xe2\x80\xae evil',
    '\xf0\x9f\x90\x9f',
    '\xef\xbd\x9e',
    '.hidden',
    '.git/config',
    '%B2',
    '*',
    '$(x)',
  ])
    await put(folder, `in/${name}`);
  await put(folder, 'in/-bin/-x', 0o755);
  await put(folder, 'in/owner', 0o744);
  await put(folder, 'in/group', 0o654);
  await writeFile(folder.join('in/zero'), '');
  for (const name of ['empty/deep', '-empty', 'emp\nty'])
    await mkdir(folder.join(`in/${name}`), { recursive: true });
  const links = {
    dangling: 'nowhere',
    outside: '/etc/passwd',
    'line\nend': 'x\n',
    '-l': '-n',
    up: '../in/./plain',
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, folder.join(`in/${name}`));
  await symlink(Buffer.of(0xb2, 0xe2), folder.join('in/raw'));
  return folder;
}

describe('shoal id', () => {
  test.each(['sh', 'bash'])(
    'of a folder with odd names, modes and links is that of the script in %s',
    async (shell) => {
      await using folder = await oddFolder();
      expect(await idByShoal(folder.join('in'))).toBe(await idByScript(folder.join('in'), shell));
    },
  );

  test('of an empty folder, of links alone and of 5,000 files is that of the script', async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('empty'));
    await mkdir(folder.join('links'));
    await symlink('x', folder.join('links/a'));
    for (let at = 0; at < 5000; at += 1) {
      if (at % 100 === 0) await mkdir(folder.join(`many/${at / 100}`), { recursive: true });
      await writeFile(folder.join(`many/${Math.floor(at / 100)}/${at}`), String(at).repeat(at % 50));
    }
    for (const name of ['empty', 'links', 'many'])
      expect(await idByShoal(folder.join(name))).toBe(await idByScript(folder.join(name)));
  });

  test('of the node_modules of this project is that of the script', async () => {
    const path = join(repositoryRoot, 'node_modules');
    expect(await idByShoal(path)).toBe(await idByScript(path));
  });

  test('of a file is its SHA-256, and each path has a line', async () => {
    await using folder = await tempFolder();
    await writeFile(folder.join('a'), 'a');
    await mkdir(folder.join('d'));
    await using text = await shoal(['id', 'a', 'd', '--quiet'], { cwd: folder.path });
    await text.exitsWith(0);
    expect(text.stdout).toEqual([
      'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  d',
    ]);
  });

  test('tells of special files, and prints the other paths when one cannot be read', async () => {
    await using folder = await tempFolder();
    await writeFile(folder.join('a'), 'a');
    execFileSync('mkfifo', [folder.join('pipe')]);
    await using told = await shoal(['id', 'none', folder.path, '--json'], { cwd: folder.path });
    await told.exitsWith(6);
    const ids = eventsOf(told).filter(({ event }) => event === 'id');
    expect(ids).toMatchObject([
      { path: folder.path, kind: 'folder', files: 1, size: 1, leftOut: { special: 1 } },
    ]);
    expect(told.output).toContain('No content id covers 1 device, pipe or socket');
  });

  test('is the content id that create and show print for a folder with hidden names', async () => {
    await using folder = await oddFolder();
    const root = folder.join('in');
    await rm(join(root, 'outside'));
    await rm(join(root, 'up'));
    const create = ['create', root, '--hidden', '-o', folder.join('in.torrent')];
    for (const version of ['--v1', '--v2', '--hybrid']) {
      const { contentId } = await runShoal([...create, '--force', version]);
      expect(contentId).toBe(await idByShoal(root));
      await using show = await shoal(['show', folder.join('in.torrent'), '--json']);
      await show.exitsWith(0);
      expect(JSON.parse(show.stdout[0]!)).toMatchObject({ contentId });
    }
  });
});
