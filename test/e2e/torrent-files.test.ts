import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeFile, requirePeers, runProcess, sha256Of, tempFolder } from '../support/index.ts';
import { MAIN, runShoal, shoal } from './shoal.ts';

describe('shoal create', () => {
  test('says what it made, and shoal show says the same of the file', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 300_000, 'a');
    const cwd = { cwd: folder.path };
    const flags = [
      '--tracker',
      'http://a.example/announce',
      'http://b.example/announce',
      '--comment',
      'hello',
    ];
    const { event, path, files, leftOut, skipped, ...made } = await runShoal(
      ['create', 'a.bin', '--piece-length', '64K', '--private', '--name', 'b.bin', ...flags],
      0,
      cwd,
    );
    expect({ event, path, files, leftOut, skipped }).toMatchObject({
      event: 'done',
      leftOut: { hidden: 0 },
      skipped: [],
      path: 'b.bin.torrent',
      files: [{ path: 'b.bin', size: 300_000, sha256 }],
    });

    await using show = await shoal(['show', 'b.bin.torrent', '--json'], cwd);
    await show.exitsWith(0);
    const shown = JSON.parse(show.stdout[0]!) as object;
    expect(shown).toMatchObject({
      ...made,
      version: 'hybrid',
      size: 300_000,
      pieceLength: 65_536,
      pieces: 5,
      isPrivate: true,
      isSingleFile: true,
      comment: 'hello',
      trackers: [['http://a.example/announce'], ['http://b.example/announce']],
      files: [{ path: 'b.bin', size: 300_000 }],
    });
  });

  test.each(['v1', 'v2', 'hybrid'])('makes the same --%s torrent anywhere', async (version) => {
    await using folder = await tempFolder();
    for (const where of ['here', 'there']) {
      await makeFile(folder.join(where, 'a.bin'), 100_000, 'a');
      await runShoal(['create', 'a.bin', `--${version}`], 0, { cwd: folder.join(where) });
    }
    const torrent = folder.join('here/a.bin.torrent');
    expect(await sha256Of(torrent)).toBe(await sha256Of(folder.join('there/a.bin.torrent')));
    await runShoal(['verify', torrent, folder.join('there')]);
  });

  test.each<[flags: string, isTold: boolean]>([
    ['--hybrid', true],
    ['--hybrid --no-sha256', false],
    ['--v1', false],
    ['--v1 --sha256', true],
  ])('with %s tells the SHA-256 of files: %s', async (flags, isTold) => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 1000, 'a');
    const { files } = await runShoal(['create', 'a.bin', ...flags.split(' ')], 0, { cwd: folder.path });
    const told = files as readonly { readonly sha256?: string }[];
    expect(told.map((file) => file.sha256)).toEqual([isTold ? sha256 : undefined]);
  });

  test('replaces a file only with --force', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const old = await makeFile(folder.join('a.bin.torrent'), 10, 'old');
    const create = ['create', 'a.bin'];
    const failed = await runShoal(create, 2, { cwd: folder.path });
    expect(failed['message']).toMatch(/it is there already; --force replaces it/);
    expect(await sha256Of(folder.join('a.bin.torrent'))).toBe(old);
    await runShoal([...create, '--force'], 0, { cwd: folder.path });
    expect((await readFile(folder.join('a.bin.torrent'))).subarray(0, 1).toString()).toBe('d');
  });
});

describe('shoal show', () => {
  test('prints names without what a terminal would obey', async (context) => {
    requirePeers(context, 'mktorrent');
    await using folder = await tempFolder();
    await makeFile(folder.join('a'), 10, 'a');
    const comment = 'red \u001b[31m, bell \u0007, title \u009d, \u202ebackwards';
    await runProcess('mktorrent', ['-c', comment, '-o', folder.join('a.torrent'), folder.join('a')]);
    await using show = await shoal(['show', folder.join('a.torrent')]);
    await show.exitsWith(0);
    expect(show.output).toContain('red \\x1b[31m, bell \\x07, title \\x9d, \\u202ebackwards');
    await using json = await shoal(['show', folder.join('a.torrent'), '--json']);
    await json.exitsWith(0);
    expect(json.output).not.toMatch(/[^ -~]/);
    expect(JSON.parse(json.output)).toMatchObject({ comment });
  });
});

describe('shoal', () => {
  test('ends quietly when nobody reads on', async () => {
    await using folder = await tempFolder();
    for (let at = 0; at < 200; at += 1)
      await makeFile(folder.join('many', `${'n'.repeat(200)}${at}`), 1, 'a');
    await runShoal(['create', folder.join('many'), '-o', folder.join('many.torrent')]);
    const main = `${process.execPath} ${MAIN} show ${folder.join('many.torrent')}`;
    const said = await runProcess('bash', ['-c', `set -o pipefail; { ${main} 2>&3 | head -n 1; } 3>&1`]);
    expect(said).toMatch(/^Name +many$/);
  });

  test.each<[code: number, ...args: string[]]>([
    [0, '--help'],
    [2, 'nope'],
    [6, 'show', 'no.torrent', '--json'],
  ])('ends with %d, too, when nobody reads at all: %s', async (code, ...args) => {
    const command = [process.execPath, MAIN, ...args];
    const codes = await runProcess('bash', ['-c', '"$0" "$@" 2>&1 | true; echo $PIPESTATUS', ...command]);
    expect(codes).toBe(String(code));
  });

  test('says nothing with --quiet', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    await using create = await shoal(['create', 'a.bin', '--quiet'], { cwd: folder.path });
    await create.exitsWith(0);
    expect(create.output).toBe('');
  });
});
