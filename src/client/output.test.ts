import {
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { getAll, type LocalSwarm, leftOf, startLocalSwarm } from '../../test/support/client/index.ts';
import { makeFile, runProcess, sha256Of, type TempFolder, tempFolder } from '../../test/support/index.ts';
import { get } from './index.ts';

const SIZE = 300_000;

let content: TempFolder;
let file: LocalSwarm;
let tree: LocalSwarm;
let folder: TempFolder;
let output: string;

beforeAll(async () => {
  content = await tempFolder();
  await makeFile(content.join('a.bin'), SIZE, 'output');
  await makeFile(content.join('tree/one.bin'), 100_000, 'one');
  await makeFile(content.join('tree/sub/two.bin'), 50_000, 'two');
  await makeFile(content.join('tree/empty'), 0, 'empty');
  file = await startLocalSwarm(content.join('a.bin'));
  tree = await startLocalSwarm(content.join('tree'));
});
afterAll(async () => {
  await file[Symbol.asyncDispose]();
  await tree[Symbol.asyncDispose]();
  await content[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = await tempFolder();
  output = folder.join('output');
  return () => folder[Symbol.asyncDispose]();
});

/** Gets a torrent, which must fail because of the disk. */
async function refused(swarm: LocalSwarm, to: string, says: RegExp): Promise<void> {
  const getting = get({
    torrent: swarm.torrent,
    tracker: swarm.tracker,
    output: to,
    host: '127.0.0.1',
    onWarning: () => {},
  });
  await expect(getting).rejects.toMatchObject({ code: 'DISK', message: expect.stringMatching(says) });
}

const fifo = (path: string) => runProcess('mkfifo', [path]);
const nullDevice = (path: string) => runProcess('mknod', [path, 'c', '1', '3']);

const THINGS: [what: RegExp, make: (path: string) => Promise<unknown>, is: 'isFIFO' | 'isSymbolicLink'][] = [
  [/it is a named pipe/, fifo, 'isFIFO'],
  [/it is a character device, at \/dev\/null/, (path) => symlink('/dev/null', path), 'isSymbolicLink'],
  [/it is a symbolic link that leads to .*nowhere/, (path) => symlink('nowhere', path), 'isSymbolicLink'],
  [/it is a symbolic link that leads to itself/, (path) => symlink('output', path), 'isSymbolicLink'],
];

describe.skipIf(process.platform === 'win32')('get() replaces regular files only', () => {
  test.each(THINGS)('and refuses any other kind of file as the output: %s', async (what, make, is) => {
    await make(output);
    await refused(file, output, what);
    expect((await lstat(output))[is]()).toBe(true);
    await refused(tree, output, what);
    expect(await leftOf(output)).toEqual(['']);
  });

  test('and refuses a socket', async () => {
    const server = createServer().listen(output);
    await refused(file, output, /it is a socket/);
    expect((await lstat(output)).isSocket()).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });

  test.runIf(process.getuid?.() === 0)('and refuses a device', async () => {
    await nullDevice(output);
    await refused(file, output, /it is a character device/);
    expect((await lstat(output)).isCharacterDevice()).toBe(true);
  });

  test('and refuses a named pipe that took the place of the output during the download', async () => {
    let made: Promise<unknown> | undefined;
    const onProgress = () => {
      made ??= fifo(output);
    };
    const getting = get({
      torrent: file.torrent,
      tracker: file.tracker,
      output,
      host: '127.0.0.1',
      onProgress,
      limits: { down: 200_000 },
    });
    await expect(getting).rejects.toMatchObject({ code: 'DISK', message: /it is a named pipe/ });
    await made;
    expect((await lstat(output)).isFIFO()).toBe(true);
  });

  test.each(['.part', '.part.resume', '.part.lock'])(
    'and opens no pipe or link with the suffix %s',
    async (suffix) => {
      await fifo(output + suffix);
      await refused(file, output, /output\.part.* is a named pipe/);
      expect((await lstat(output + suffix)).isFIFO()).toBe(true);
      await rm(output + suffix);
      await symlink('/dev/null', output + suffix);
      await refused(file, output, /output\.part.* is a symbolic link/);
      expect(await readlink(output + suffix)).toBe('/dev/null');
    },
  );

  test('and writes through no link in an unfinished folder', async () => {
    await mkdir(`${output}.part`);
    await mkdir(folder.join('elsewhere'));
    await symlink(folder.join('elsewhere'), `${output}.part/sub`);
    await refused(tree, output, /it is a symbolic link/);
    expect(await readdir(folder.join('elsewhere'))).toEqual([]);
  });
});

describe('get() takes the output', () => {
  test('as a link to a file: the file is replaced, the link stays', async () => {
    await writeFile(folder.join('target'), 'old');
    await symlink('target', output);
    const { result } = await getAll(file, output);
    expect(result.path).toBe(folder.join('target'));
    expect(await readlink(output)).toBe('target');
    expect(await sha256Of(output)).toBe(await sha256Of(content.join('a.bin')));
  });

  test('as a link to an empty folder: the folder becomes that of the torrent', async () => {
    await mkdir(folder.join('target'));
    await symlink('target', output);
    await getAll(tree, output);
    expect(await readlink(output)).toBe('target');
    expect(await readFile(`${output}/sub/two.bin`)).toHaveLength(50_000);
  });

  test('as a folder, which it makes, when it ends in a slash', async () => {
    const { result } = await getAll(file, folder.join('new/deep/'));
    expect(result.path).toBe(folder.join('new/deep/a.bin'));
    const { result: second } = await getAll(tree, folder.join('new/deep/'));
    expect(second.path).toBe(folder.join('new/deep/tree'));
  });

  test('and refuses a file in a place that needs a folder', async () => {
    await writeFile(output, 'a file');
    await refused(file, `${output}/`, /a file of that name is there, not a folder/);
    await refused(tree, output, /a file of that name is there/);
    expect(await readFile(output, 'utf8')).toBe('a file');
  });
});

describe("get() under the torrent's name", () => {
  const inFolder = (name: string) => folder.join(`in/${name}`);

  test('replaces no file, and leaves no other file behind', async () => {
    await makeFile(inFolder('a.bin'), SIZE, 'mine');
    const mine = await sha256Of(inFolder('a.bin'));
    await refused(file, folder.join('in/'), /a file of that name is there.*name the output \(-o\)/);
    await refused(file, folder.join('in'), /a file of that name is there/);
    expect(await sha256Of(inFolder('a.bin'))).toBe(mine);
    await writeFile(inFolder('a.bin'), '');
    await refused(file, folder.join('in/'), /a file of that name is there/);
    expect(await readdir(folder.join('in'))).toEqual(['a.bin']);
  });

  test('removes the part and the lock of a process that was killed while it delivered', async () => {
    await getAll(file, folder.join('in/'));
    await link(inFolder('a.bin'), inFolder('a.bin.part'));
    await writeFile(
      inFolder('a.bin.part.lock'),
      JSON.stringify({ pid: 1, startTime: '1', machine: 'other' }),
    );
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(inFolder('a.bin.part.lock'), longAgo, longAgo);
    expect((await getAll(file, folder.join('in/'))).result.wasThere).toBe(true);
    expect(await readdir(folder.join('in'))).toEqual(['a.bin']);
  });

  test('leaves a file alone that is complete already', async () => {
    await getAll(file, folder.join('in/'));
    expect((await getAll(file, folder.join('in/'))).result.wasThere).toBe(true);
  });

  test('replaces a file when the caller names it as the output, or sets replace', async () => {
    await writeFile(folder.join('a.bin'), 'mine');
    await getAll(file, folder.join('a.bin'));
    await mkdir(folder.join('in'));
    await writeFile(inFolder('a.bin'), 'mine');
    await getAll(file, folder.join('in/'), { replace: true });
    expect(await sha256Of(inFolder('a.bin'))).toBe(await sha256Of(content.join('a.bin')));
  });

  test('replaces no file that was made during the download', async () => {
    let made: Promise<unknown> | undefined;
    const getting = get({
      torrent: file.torrent,
      tracker: file.tracker,
      output: folder.join('in/'),
      host: '127.0.0.1',
      onProgress: ({ phase }) => {
        if (phase === 'downloading') made ??= writeFile(inFolder('a.bin'), 'mine');
      },
      limits: { down: 200_000 },
    });
    await expect(getting).rejects.toMatchObject({ code: 'DISK', message: /there is something of that name/ });
    await made;
    expect(await readFile(inFolder('a.bin'), 'utf8')).toBe('mine');
  });

  test('makes no file or folder whose name begins with a dot', async () => {
    await makeFile(content.join('.bashrc'), 1000, 'rc');
    await makeFile(content.join('.config/.hidden'), 1000, 'hidden');
    await using one = await startLocalSwarm(content.join('.bashrc'));
    await using many = await startLocalSwarm(content.join('.config'), { hidden: true });
    await mkdir(folder.join('in'));
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    const { result } = await getAll(one, folder.join('in/'), { onWarning });
    expect(result).toMatchObject({
      path: inFolder('%2Ebashrc'),
      renamed: [{ path: '.bashrc', diskPath: '%2Ebashrc' }],
    });
    expect(warnings).toEqual([expect.stringContaining('".bashrc" as "%2Ebashrc"')]);
    // A folder of the torrent's own holds no files of others, so the second download may write there.
    await getAll(many, folder.join('in/'));
    expect(await readdir(folder.join('in'))).toEqual(['%2Ebashrc', '%2Econfig']);
    expect(await readdir(inFolder('%2Econfig'))).toEqual(['.hidden']);
    expect((await getAll(one, folder.join('in/'), { onWarning })).result.wasThere).toBe(true);
    const named = await getAll(one, folder.join('.bashrc'));
    expect(named.result.path).toBe(folder.join('.bashrc'));
  });
});

describe('get() again', () => {
  test.each([
    ['a file', () => file],
    ['a folder', () => tree],
  ])('finds %s complete, and downloads nothing', async (_what, swarm) => {
    const { result } = await getAll(swarm(), output);
    expect(result.wasThere).toBe(false);
    const { result: again, phases } = await getAll(swarm(), output);
    expect(again).toMatchObject({ wasThere: true, downloaded: 0, path: output });
    expect(phases.has('checking')).toBe(true);
    expect(phases.has('downloading')).toBe(false);
  });

  test('refuses a folder in which files are missing or have another size, and names them', async () => {
    await getAll(tree, output);
    await rm(`${output}/sub/two.bin`);
    await truncate(`${output}/one.bin`, 5);
    await refused(
      tree,
      output,
      /2 of 3 entries in it are not as .*: 1 missing \(sub\/two\.bin\), 1 of another size \(one\.bin\)/,
    );
  });

  test('refuses a folder in which a file has other content, and names it', async () => {
    await getAll(tree, output);
    await makeFile(`${output}/one.bin`, 100_000, 'other');
    await refused(
      tree,
      output,
      /1 of 3 entries in it is not as in the torrent: 1 with other content \(one\.bin\)/,
    );
  });

  test('replaces a file of the same size with other content', async () => {
    await makeFile(output, SIZE, 'other');
    const { result } = await getAll(file, output);
    expect(result.wasThere).toBe(false);
    expect(await sha256Of(output)).toBe(await sha256Of(content.join('a.bin')));
  });
});
