import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Encodable, encode } from '../../src/bencode/index.ts';
import { contentOf, runProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { eventsOf, MAIN, runShoal, shoal, startSeeder, startTracker } from './shoal.ts';

/** Names that stand on the disks of Linux machines; the bytes of each are its latin1. */
const utf8 = (name: string) => Buffer.from(name).toString('latin1');
const NAMES = [
  'linux/drivers/aux.c',
  'linux/net/xt_MARK.h',
  'linux/net/xt_mark.h',
  'systemd/dev-disk\\x2dby\\x2dlabel.mount',
  'logs/a:b.log',
  'album/Vol. 1./01 "Q?" <mix> | *.flac',
  utf8('album/Vol. 1./Beyonce\u0301.txt'),
  utf8('album/Vol. 1./Beyonc\u00e9.txt'),
  'trail ',
  'new\nline',
  'tab\tand \x1b[31mred',
  utf8('invoice\u202efdp.exe'),
  '-rf',
  `${'x'.repeat(251)}.txt`,
  utf8(`${'ü'.repeat(127)}`),
  'gbk/\xb2\xe2\xca\xd4.txt',
  '100%.txt',
];

async function makeFiles(folder: TempFolder): Promise<void> {
  for (const name of NAMES) {
    const path = Buffer.from(`${folder.path}/data/${name}`, 'latin1');
    await mkdir(Buffer.from(dirname(path.toString('latin1')), 'latin1'), { recursive: true });
    await writeFile(path, Buffer.concat([...contentOf(500 + name.length, name)]));
  }
}

/** The content of all files below a folder, by the latin1 of their paths. */
async function filesBelow(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const list = async (path: Buffer) => {
    for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
      const inside = Buffer.concat([path, Buffer.from('/'), entry.name]);
      if (entry.isDirectory()) await list(inside);
      else
        found.set(
          inside.toString('latin1').slice(folder.length + 1),
          (await readFile(inside)).toString('hex'),
        );
    }
  };
  await list(Buffer.from(folder));
  return found;
}

describe('names', () => {
  test.each(['v1', 'hybrid'])(
    'of Linux disks are made, shown, fetched, verified and seeded again, in a %s torrent',
    async (version) => {
      await using folder = await tempFolder();
      await makeFiles(folder);
      const cwd = { cwd: folder.path };
      const made = await runShoal(['create', 'data', `--${version}`], 0, cwd);
      const torrent = folder.join('data.torrent');
      expect(made['files']).toHaveLength(NAMES.length);
      await runShoal(['verify', torrent, 'data'], 0, cwd);

      await using tracker = await startTracker();
      await using first = await startSeeder(tracker, torrent, '--data', folder.join('data'));
      await runShoal(['get', torrent, '--tracker', tracker.url, '-o', 'got'], 0, cwd);
      await first[Symbol.asyncDispose]();
      const expected = await filesBelow(folder.join('data'));
      expect(await filesBelow(folder.join('got'))).toEqual(expected);
      await runShoal(['verify', torrent, 'got'], 0, cwd);

      await using second = await startSeeder(tracker, torrent, '--data', folder.join('got'));
      await runShoal(['get', torrent, '--tracker', tracker.url, '-o', 'again'], 0, cwd);
      await second[Symbol.asyncDispose]();
      expect(await filesBelow(folder.join('again'))).toEqual(expected);
    },
  );

  test('of a folder do not stop a seeder, and each file is fetched by its name or SHA-256', async () => {
    await using folder = await tempFolder();
    await makeFiles(folder);
    await using tracker = await startTracker();
    await using seeder = await startSeeder(tracker, folder.join('data'));
    const { torrents } = eventsOf(seeder.process).find(({ event }) => event === 'listening')! as unknown as {
      readonly torrents: readonly { readonly name: string; readonly sha256: string }[];
    };
    expect(torrents).toHaveLength(NAMES.length);
    const cwd = { cwd: folder.path };
    for (const name of ['new\nline', '%B2%E2%CA%D4.txt', 'trail ', 'aux.c']) {
      const got = await runShoal(['get', name, '--tracker', tracker.url], 0, cwd);
      expect(got['path']).toBe(folder.join(name));
    }
  });

  test('are printed without what a terminal would obey, and told as they are with --json', async () => {
    await using folder = await tempFolder();
    await makeFiles(folder);
    const cwd = { cwd: folder.path };
    await runShoal(['create', 'data'], 0, cwd);
    await using show = await shoal(['show', 'data.torrent'], cwd);
    await show.exitsWith(0);
    const hidden = /(?!\n)[\p{Cc}\u202a-\u202e]/u;
    expect(show.output).not.toMatch(hidden);
    for (const shown of [
      'new\\nline',
      'tab\\tand \\x1b[31mred',
      'invoice\\u202efdp.exe',
      'dev-disk\\x2dby',
    ]) {
      expect(show.output).toContain(shown);
    }
    const { files } = await showJson(folder.join('data.torrent'));
    expect(files.map(({ path }) => path)).toContain('invoice\u202efdp.exe');
    await writeFile(folder.join('data/invoice\u202efdp.exe'), 'no');
    await using verify = await shoal(['verify', 'data.torrent', 'data'], cwd);
    await verify.exitsWith(5);
    expect(verify.output).toContain('short    invoice\\u202efdp.exe');
    expect(verify.output).not.toMatch(hidden);
  });

  const PLAIN = ['a', 'b'];
  const GBK = Buffer.from('b2e2cad4', 'hex');
  test.each<[string, readonly (readonly (string | Uint8Array)[])[]]>([
    ['lead up', [['..', '..', 'x'], ['a', '..', '..', '..', 'b'], PLAIN]],
    ['are absolute', [['/etc/shoal-test'], ['', 'etc', 'shoal-test'], PLAIN]],
    ['are those of Windows', [['..\\..\\x'], ['C:\\x'], ['con'], ['NUL.txt'], PLAIN]],
    ['are empty or have a NUL', [[''], ['.'], ['a\0b'], PLAIN]],
    ['are there twice', [['a'], ['a'], ['a', 'b']]],
    ['are 300 bytes long', [['x'.repeat(300)], ['d'.repeat(300), 'y']]],
    ['are ten thousand deep', [Array.from({ length: 10_000 }, () => 'd'), PLAIN]],
    ['are GBK', [[GBK, Buffer.concat([GBK, Buffer.from('.txt')])], PLAIN]],
  ])('that %s are shown, fetched into the folder alone, and verified', async (_, paths) => {
    await using folder = await tempFolder();
    await mkdir(folder.join('in/side'), { recursive: true });
    const torrent = folder.join('a.torrent');
    await writeFile(torrent, emptyFiles(paths));
    const cwd = { cwd: folder.join('in/side') };
    await showJson(torrent);
    const got = await runShoal(['get', torrent, '-o', 'got'], 0, cwd);
    const all = await filesBelow(folder.path);
    expect([...all.keys()].filter((path) => !path.startsWith('in/side/got/'))).toEqual(['a.torrent']);
    expect(all.size).toBe(paths.length + 1);
    expect(got['path']).toBe(join(cwd.cwd, 'got'));
    await runShoal(['verify', torrent, 'got'], 0, cwd);
  });

  test('that two files of a torrent share are told apart by those on disk', async () => {
    await using folder = await tempFolder();
    const files = ['one', 'two'].map((text) => ({ length: text.length, path: ['a.txt'] }));
    const pieces = createHash('sha1').update('onetwo').digest();
    const info = { files, name: 'n', 'piece length': 16_384, pieces };
    await writeFile(folder.join('a.torrent'), encode({ info }));
    await mkdir(folder.join('n'));
    await writeFile(folder.join('n/a.txt'), 'one');
    const cwd = { cwd: folder.path };
    const other = /a\.txt \(on disk: a~[0-9a-f]{8}\.txt\)/;
    await using show = await shoal(['show', 'a.torrent'], cwd);
    await show.exitsWith(0);
    expect(show.output).toMatch(other);
    await using verify = await shoal(['verify', 'a.torrent', 'n'], cwd);
    await verify.exitsWith(5);
    expect(verify.output).toMatch(new RegExp(`missing  ${other.source}`));
    await using told = await shoal(['verify', 'a.torrent', 'n', '--json'], cwd);
    await told.exitsWith(5);
    const { files: states } = eventsOf(told).find(({ event }) => event === 'verified')!;
    expect(states).toEqual([
      { path: 'a.txt', state: 'damaged' },
      { path: 'a.txt', diskPath: expect.stringMatching(/^a~[0-9a-f]{8}\.txt$/), state: 'missing' },
    ]);
  });

  test('whose escapes are those of another file are in one torrent with it', async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('data'));
    await writeFile(folder.join('data/%B2'), 'escapes');
    await writeFile(Buffer.concat([Buffer.from(folder.join('data/')), Buffer.of(0xb2)]), 'a byte');
    const cwd = { cwd: folder.path };
    const made = await runShoal(['create', 'data'], 0, cwd);
    expect(made['files']).toHaveLength(2);
  });

  test('of a torrent that is one file lead nowhere else', async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('in/side'), { recursive: true });
    for (const [at, name] of [
      '../../x',
      '/etc/shoal-test',
      '..',
      '',
      'a\0b',
      'x'.repeat(300),
      GBK,
    ].entries()) {
      const info = { length: 0, name, 'piece length': 16_384, pieces: '' };
      const torrent = folder.join(`${at}.torrent`);
      await writeFile(torrent, encode({ info }));
      await runShoal(['get', torrent], 0, { cwd: folder.join('in/side') });
      await runShoal(['verify', torrent, folder.join('in/side')]);
    }
    const all = [...(await filesBelow(folder.path)).keys()];
    expect(all.filter((path) => path.startsWith('in/side/'))).toHaveLength(7);
    expect(all).toHaveLength(14);
  });

  test('that are not UTF-8 are found on a disk as their maker has them, too', async () => {
    await using folder = await tempFolder();
    const content = Buffer.concat([...contentOf(100, 'gbk')]);
    await mkdir(Buffer.concat([Buffer.from(`${folder.path}/`), GBK]));
    await writeFile(Buffer.concat([Buffer.from(`${folder.path}/`), GBK, Buffer.from('/'), GBK]), content);
    const pieces = createHash('sha1').update(content).digest();
    const info = { files: [{ length: 100, path: [GBK] }], name: GBK, 'piece length': 16_384, pieces };
    await writeFile(folder.join('a.torrent'), encode({ info }));
    await runShoal(['verify', folder.join('a.torrent'), folder.path]);
  });
});

interface Shown {
  readonly files: readonly { readonly path: string }[];
}

async function showJson(torrent: string): Promise<Shown> {
  return JSON.parse(await runProcess(process.execPath, [MAIN, 'show', torrent, '--json'])) as Shown;
}

function emptyFiles(paths: readonly (readonly (string | Uint8Array)[])[]): Uint8Array {
  const files: Encodable[] = paths.map((path) => ({ length: 0, path }));
  return encode({ info: { files, name: 'n', 'piece length': 16_384, pieces: '' } });
}
