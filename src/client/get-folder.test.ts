import {
  chmod,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  entriesOf,
  getAll,
  type LocalSwarm,
  leftOf,
  seedLocally,
  stopAt,
  torrentOfFolder,
} from '../../test/support/client/index.ts';
import { makeFile, runProcess, type TempFolder, tempFolder } from '../../test/support/index.ts';
import { contentIdOf, type HashedFile, type NewMetainfo } from '../metainfo/index.ts';
import { get } from './index.ts';

let content: TempFolder;
let source: string;
let build: LocalSwarm;
let folder: TempFolder;
let output: string;

/** Makes a folder as a build leaves it: programs, links, an empty folder, names that are not UTF-8. */
async function makeBuild(path: string): Promise<void> {
  await makeFile(join(path, 'bin/app'), 100_000, 'app');
  await chmod(join(path, 'bin/app'), 0o755);
  await makeFile(join(path, 'lib/libx.so.1.2'), 70_000, 'lib');
  await makeFile(join(path, 'share/doc.txt'), 10, 'doc');
  await makeFile(join(path, 'share/none'), 0, 'none');
  await symlink('libx.so.1.2', join(path, 'lib/libx.so.1'));
  await symlink('libx.so.1', join(path, 'lib/libx.so'));
  await symlink('../lib', join(path, 'bin/lib'));
  await symlink('not-there', join(path, 'dangling'));
  await mkdir(join(path, 'var/empty'), { recursive: true });
  await writeFile(Buffer.concat([Buffer.from(`${path}/share/`), Buffer.of(0xb2, 0xe2)]), 'gbk');
  await symlink(Buffer.of(0xb2, 0xe2), Buffer.concat([Buffer.from(`${path}/share/`), Buffer.of(0x61, 0xff)]));
}

async function seedFolder(path: string, changes?: Partial<NewMetainfo>): Promise<LocalSwarm> {
  const torrent = await torrentOfFolder(path, changes);
  return seedLocally(torrent, torrent.bytes, path);
}

beforeAll(async () => {
  content = await tempFolder();
  source = content.join('build');
  await makeBuild(source);
  build = await seedFolder(source);
});
afterAll(async () => {
  await build[Symbol.asyncDispose]();
  await content[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = await tempFolder();
  output = folder.join('output');
  return () => folder[Symbol.asyncDispose]();
});

function withoutSha256(file: HashedFile): HashedFile {
  const copy: { sha256?: Uint8Array } & HashedFile = { ...file };
  delete copy.sha256;
  return copy;
}

/** Gets a torrent, which must fail. @returns the message */
async function failsWith(code: string, swarm: LocalSwarm, options: object = {}): Promise<string> {
  const { torrent, tracker } = swarm;
  const getting = get({ torrent, tracker, output, host: '127.0.0.1', onWarning: () => {}, ...options });
  const error = await getting.then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toMatchObject({ code });
  return error!.message;
}

describe('get() of a folder', () => {
  test('makes links, modes, empty folders and names that are not UTF-8 as they were offered', async () => {
    const { result, phases } = await getAll(build, output);
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
    expect(result).toMatchObject({ contentId: contentIdOf(await entriesOf(source)), files: 5, links: 5 });
    expect(phases.has('verifying')).toBe(true);
    expect((await lstat(join(output, 'share/doc.txt'))).mode & 0o111).toBe(0);
    expect(await leftOf(output)).toEqual(['']);
    expect((await getAll(build, output)).result).toMatchObject({ wasThere: true, downloaded: 0 });
  });

  test('goes on after it was stopped, also in a part that an older version has left', async () => {
    await stopAt(build, output, 40_000, '/bin/app');
    await makeFile(`${output}.part/old/file`, 10, 'old');
    await symlink('/etc', `${output}.part/old/link`);
    await mkdir(`${output}.part/share/doc.txt/now-a-file`, { recursive: true }).catch(() => undefined);
    await getAll(build, output);
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
  });

  test('refuses a torrent with a link that leads outside before it asks anybody', async () => {
    const { infoBytes } = await torrentOfFolder(source);
    // The maker refuses such a link, so that the bytes are changed.
    const bad = Buffer.from(
      Buffer.from(infoBytes).toString('latin1').replace('9:not-there', '9:../../etc'),
      'latin1',
    );
    const torrent = Buffer.concat([Buffer.from('d4:info'), bad, Buffer.from('e')]);
    const message = await failsWith('BAD_TORRENT', { ...build, torrent });
    expect(message).toMatch(/symbolic link "dangling" leads out/);
    expect(await leftOf(output)).toEqual([]);
  });

  test('ends with MISMATCH when a file has not the SHA-256 of the torrent, and delivers nothing', async () => {
    const { files } = await torrentOfFolder(source);
    const wrong = files.map((file) =>
      file.path[0] === 'lib' ? { ...file, sha256: new Uint8Array(32) } : file,
    );
    await using lying = await seedFolder(source, { files: wrong });
    expect(await failsWith('MISMATCH', lying)).toMatch(
      /not the folder: the SHA-256 of lib\/libx\.so\.1\.2 is/,
    );
    expect(await leftOf(output)).toEqual([]);
  });

  test('refuses a named pipe, a link or a hard link that took the place of an entry in the part', async () => {
    await stopAt(build, output, 40_000, '/bin/app');
    const part = `${output}.part`;
    await rm(`${part}/share/doc.txt`);
    await runProcess('mkfifo', [`${part}/share/doc.txt`]);
    expect(await failsWith('DISK', build)).toMatch(/something that is no regular file has that name/);
    await rm(`${part}/share/doc.txt`);
    await runProcess('mkfifo', [`${part}/dangling`]);
    expect(await failsWith('DISK', build)).toMatch(/a named pipe of that name is there/);
    await rm(`${part}/dangling`);
    await rm(`${part}/share/doc.txt`);
    await writeFile(folder.join('precious'), 'precious');
    await link(folder.join('precious'), `${part}/share/doc.txt`);
    expect(await failsWith('DISK', build)).toMatch(/is a hard link/);
    await rm(`${part}/share`, { recursive: true });
    await symlink(folder.path, `${part}/share`);
    expect(await failsWith('DISK', build)).toMatch(/symbolic link/);
    expect(await readFile(folder.join('precious'), 'utf8')).toBe('precious');
  });
});

/** Damages a folder in every way that can be repaired. */
async function damage(path: string): Promise<void> {
  const bytes = await readFile(join(path, 'bin/app'));
  bytes.fill(0, 40_000, 50_000);
  await writeFile(join(path, 'bin/app'), bytes);
  await truncate(join(path, 'lib/libx.so.1.2'), 80_000);
  await rm(join(path, 'share/none'));
  await chmod(join(path, 'share/doc.txt'), 0o755);
  await rm(join(path, 'dangling'));
  await rm(join(path, 'bin/lib'));
  await symlink('/etc', join(path, 'bin/lib'));
  await rm(join(path, 'var/empty'), { recursive: true });
}

describe('get() of a folder that is there', () => {
  test('tells what is wrong with it, how many of each kind, and what to do', async () => {
    await getAll(build, output);
    await damage(output);
    const message = await failsWith('DISK', build);
    expect(message).toMatch(
      /6 of 11 entries in it are not as in the torrent: 3 missing \(share\/none, dangling, /,
    );
    expect(message).toMatch(
      /1 of another size \(lib\/libx\.so\.1\.2\), 1 with another mode \(share\/doc\.txt\)/,
    );
    expect(message).toMatch(
      /1 leading elsewhere \(bin\/lib\)\. --repair mends it, --force replaces the whole/,
    );
  });

  test('tells of things that are not of the torrent, which stay', async () => {
    await getAll(build, output);
    await makeFile(join(output, 'share/mine/a.txt'), 10, 'a');
    await mkdir(join(output, 'other'));
    const warnings: string[] = [];
    const { result } = await getAll(build, output, { onWarning: ({ message }) => warnings.push(message) });
    expect(result).toMatchObject({
      wasThere: true,
      extra: expect.arrayContaining(['share/mine/a.txt', 'other']),
    });
    expect(warnings).toEqual([
      expect.stringMatching(/has 2 entries that are not in the torrent; they stay there/),
    ]);
    expect((await lstat(join(output, 'share/mine/a.txt'))).size).toBe(10);
  });

  test('does not take a link to a folder with the same files for the folder', async () => {
    await getAll(build, output);
    await runProcess('mv', [join(output, 'share'), folder.join('elsewhere')]);
    await symlink(folder.join('elsewhere'), join(output, 'share'));
    expect(await failsWith('DISK', build)).toMatch(/1 of another kind \(share\)/);
  });
});

describe('get() with repair', () => {
  test('mends everything that is wrong in place, fetches only that, and leaves other things alone', async () => {
    await getAll(build, output);
    await makeFile(join(output, 'mine'), 10, 'mine');
    const { ino } = await lstat(join(output, 'bin/app'));
    const { mtimeMs } = await lstat(join(output, 'share/doc.txt'));
    await damage(output);
    const { result } = await getAll(build, output, { repair: true, onWarning: () => {} });
    await rm(join(output, 'mine'));
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
    expect(result).toMatchObject({ wasThere: false, repaired: 7, extra: ['mine'] });
    expect(result.downloaded).toBeLessThan(3 * 32 * 1024);
    expect((await lstat(join(output, 'bin/app'))).ino).toBe(ino);
    expect((await lstat(join(output, 'share/doc.txt'))).mtimeMs).toBe(mtimeMs);
    expect(await leftOf(output)).toEqual(['']);
    expect((await getAll(build, output, { repair: true })).result).toMatchObject({ wasThere: true });
  });

  test('makes a file anew whose bytes another name shares, and leaves those of the other name alone', async () => {
    await getAll(build, output);
    await writeFile(join(output, 'share/doc.txt'), 'other text');
    await link(join(output, 'share/doc.txt'), folder.join('other'));
    await getAll(build, output, { repair: true });
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
    expect(await readFile(folder.join('other'), 'utf8')).toBe('other text');
  });

  test('refuses things of another kind in the way, names them, and changes nothing', async () => {
    await getAll(build, output);
    await damage(output);
    await rm(join(output, 'share/doc.txt'));
    await mkdir(join(output, 'share/doc.txt'));
    await writeFile(join(output, 'dangling'), 'a file');
    const before = await entriesOf(output);
    expect(await failsWith('DISK', build, { repair: true })).toMatch(
      /2 of another kind \(share\/doc\.txt, dangling\)\. Move them away/,
    );
    expect(await entriesOf(output)).toEqual(before);
    expect(await leftOf(output)).toEqual(['']);
  });

  test('mends a folder of a torrent that has no SHA-256 of files, by its pieces', async () => {
    const { files } = await torrentOfFolder(source);
    await using bare = await seedFolder(source, { files: files.map(withoutSha256) });
    await getAll(bare, output);
    await damage(output);
    expect((await getAll(bare, output, { repair: true })).result.contentId).toBeUndefined();
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
  });

  test('is refused together with replace', async () => {
    expect(await failsWith('USAGE', build, { repair: true, replace: true })).toMatch(
      /both repair and replace/,
    );
  });
});

describe('get() with replace', () => {
  test('replaces a folder of other content as a whole', async () => {
    await makeFile(join(output, 'old/read-only/file'), 10, 'old');
    await chmod(join(output, 'old/read-only'), 0o500);
    await failsWith('DISK', build);
    await getAll(build, output, { replace: true });
    expect(await entriesOf(output)).toEqual(await entriesOf(source));
    expect(await leftOf(output)).toEqual(['']);
  });

  test('leaves the old folder alone when it fails', async () => {
    await makeFile(join(output, 'old'), 10, 'old');
    await failsWith(
      'UNREACHABLE',
      { ...build, tracker: 'http://127.0.0.1:9' },
      { replace: true, trackerPatienceMs: 0 },
    );
    expect((await entriesOf(output)).map(({ path }) => path)).toEqual([['old']]);
  });

  test('refuses a link to a folder', async () => {
    await makeFile(folder.join('real/old'), 10, 'old');
    await symlink('real', output);
    expect(await failsWith('DISK', build, { replace: true })).toMatch(
      /it is a symbolic link; name the folder/,
    );
    expect((await readlink(output)).toString()).toBe('real');
  });

  test('puts the old folder back that a process left which was killed between the two renames', async () => {
    await makeFile(`${output}.part.old/old`, 10, 'old');
    await failsWith('DISK', build);
    expect(await leftOf(output)).toEqual(['']);
    expect((await entriesOf(output)).map(({ path }) => path)).toEqual([['old']]);
  });

  test('removes the old folder that a process left which was killed after the renames', async () => {
    await getAll(build, output);
    await makeFile(`${output}.part.old/old`, 10, 'old');
    expect((await getAll(build, output)).result.wasThere).toBe(true);
    expect(await leftOf(output)).toEqual(['']);
  });
});
