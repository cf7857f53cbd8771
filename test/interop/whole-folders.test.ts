import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHashPool, createTorrent } from '../../src/hashing/index.ts';
import { contentIdOf } from '../../src/metainfo/index.ts';
import { entriesOf } from '../support/client/index.ts';
import { makeFile, repositoryRoot, runProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { getFile, type OurTracker, startSeeder, startTracker } from './shoal.ts';

// Folders as people have them, from one machine to another: diff finds no difference afterwards.

let tracker: OurTracker;
let folder: TempFolder;
beforeAll(async () => {
  tracker = await startTracker();
  folder = await tempFolder();
});
afterAll(async () => {
  await tracker[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function link(target: string | Buffer, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

/** Makes what a build leaves: programs, versions of a library under several names, an empty folder, odd names. */
async function makeBuild(path: string): Promise<void> {
  for (const name of ['bin/app', 'bin/tool', 'lib/libx.so.1.2.3', 'include/x.h', 'share/a b\n\u202ec.txt']) {
    await makeFile(join(path, name), 20_000 + name.length, name);
  }
  for (const name of ['bin/app', 'bin/tool']) await chmod(join(path, name), 0o755);
  await link('libx.so.1.2.3', join(path, 'lib/libx.so.1'));
  await link('libx.so.1', join(path, 'lib/libx.so'));
  await link('../lib', join(path, 'bin/lib'));
  await link('./x.h', join(path, 'include/y.h'));
  await mkdir(join(path, 'var/empty'), { recursive: true });
  await makeFile(join(path, 'none'), 0, 'none');
  const raw = Buffer.concat([Buffer.from(`${path}/share/`), Buffer.of(0xb2, 0xe2, 0xca, 0xd4)]);
  await writeFile(raw, 'a name in GBK');
  await link(Buffer.of(0xb2, 0xe2, 0xca, 0xd4), join(path, 'share/gbk'));
}

/** Makes a git work tree with two commits, whose objects are read-only. */
async function makeGit(path: string): Promise<void> {
  await makeFile(join(path, 'src/a.c'), 5000, 'a');
  await makeFile(join(path, 'run.sh'), 50, 'run');
  await chmod(join(path, 'run.sh'), 0o755);
  await link('src/a.c', join(path, 'link.c'));
  const git = (...args: string[]) =>
    runProcess('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  await git('init', '-q');
  await git('add', '.');
  await git('commit', '-q', '-m', 'first');
  await writeFile(join(path, 'src/b.c'), 'b');
  await git('add', '.');
  await git('commit', '-q', '-m', 'second');
}

/** Makes a cache as that of the Hugging Face hub: all names that people use are links to blobs. */
async function makeCache(path: string): Promise<void> {
  const model = join(path, 'models--org--name');
  const blobs = ['0a'.repeat(20), '1b'.repeat(32), '2c'.repeat(32)];
  for (const [at, blob] of blobs.entries())
    await makeFile(join(model, 'blobs', blob), 1000 * (at + 1) ** 4, blob);
  for (const [at, revision] of ['aa'.repeat(20), 'bb'.repeat(20)].entries()) {
    const snapshot = join(model, 'snapshots', revision);
    await link(`../../blobs/${blobs[0]}`, join(snapshot, 'config.json'));
    await link(`../../blobs/${blobs[1 + at]}`, join(snapshot, 'model.safetensors'));
    await link(`../../../blobs/${blobs[1]}`, join(snapshot, 'onnx/model.onnx'));
  }
  await makeFile(join(model, 'refs/main'), 40, 'main');
  await mkdir(join(model, '.no_exist/aa'), { recursive: true });
}

/** Copies some of this project's packages, with the links to their programs. */
async function makePackages(path: string): Promise<void> {
  for (const name of ['.bin', 'commander', 'zod', 'semver']) {
    await cp(join(repositoryRoot, 'node_modules', name), join(path, name), {
      recursive: true,
      verbatimSymlinks: true,
    }).catch((thrown: NodeJS.ErrnoException) => {
      // Not every package is a dependency for ever.
      if (thrown.code !== 'ENOENT') throw thrown;
    });
  }
}

describe('get() of a folder that createTorrent() and createSeeder() offer', () => {
  test.each([
    ['a build', makeBuild, 'v1'],
    ['a git work tree', makeGit, 'hybrid'],
    ['a cache of models', makeCache, 'v2'],
    ['packages of npm', makePackages, 'v1'],
  ] as const)('brings %s as it was offered', async (name, make, version) => {
    const source = folder.join(name, 'source');
    await mkdir(source, { recursive: true });
    await make(source);
    await using pool = createHashPool();
    const { bytes, contentId } = await createTorrent(pool, source, { version, hidden: true });
    const entries = await entriesOf(source);
    expect(contentId).toBe(contentIdOf(entries));
    await using _ = await startSeeder({
      torrents: [{ torrent: bytes, data: source }],
      tracker: tracker.url,
      port: 0,
    });
    const output = folder.join(name, 'got');
    const warnings: string[] = [];
    const options = {
      torrent: bytes,
      tracker: tracker.url,
      output,
      onWarning: ({ message }: Error) => warnings.push(message),
    };
    const result = await getFile(options);
    expect(result).toMatchObject({ contentId, wasThere: false });
    expect(await entriesOf(output)).toEqual(entries);
    await runProcess('diff', ['-r', '--no-dereference', source, output]);
    expect(await getFile(options)).toMatchObject({ contentId, wasThere: true, downloaded: 0 });
    expect(warnings).toEqual([]);
  });
});
