import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot, spawnProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { MAIN, startTracker } from './shoal.ts';

/** A port that nobody listens on: it is reserved. */
const NOBODY = 'http://127.0.0.1:1';
const NO_HASH = '0'.repeat(64);

/** Bundles the whole command into one file in which every class has another, short name. */
async function bundleInOne(file: string): Promise<void> {
  const bundle = await rolldown({
    input: join(repositoryRoot, 'src/cli/main.ts'),
    platform: 'node',
    external: ['ioredis', 'lmdb'],
    transform: { target: 'es2022' },
  });
  await bundle.write({ file, codeSplitting: false, minify: { mangle: true, compress: false } });
  await bundle.close();
}

describe('shoal in one file, with mangled names, ends with', () => {
  let folder: TempFolder;
  let main: string;

  beforeAll(async () => {
    folder = await tempFolder();
    main = folder.join('main.mjs');
    await bundleInOne(main);
    // The code of a thread is a file of its own, in any bundle.
    await copyFile(join(dirname(MAIN), 'worker.js'), folder.join('worker.js'));
    await writeFile(folder.join('noise.torrent'), 'noise');
    await mkdir(folder.join('empty'));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  /** Runs the bundled command to its end. @returns its last event */
  async function endsWith(exitCode: number, ...args: readonly string[]): Promise<unknown> {
    await using shoal = await spawnProcess(process.execPath, [main, ...args, '--json'], { cwd: folder.path });
    await shoal.exitsWith(exitCode);
    return JSON.parse(shoal.stdout.at(-1)!);
  }

  test.each<[exitCode: number, what: string, code: string, args: readonly string[]]>([
    [2, 'a bad setting', 'BAD_VALUE', ['get', 'a', '--timeout', '30']],
    [2, 'a bad target', 'USAGE', ['get', 'a', '--name', 'b']],
    [2, 'a .torrent that is none', 'NOT_BENCODE', ['show', 'noise.torrent']],
    [2, 'a tracker that cannot start as told', 'BAD_VALUE', ['tracker', '--port', '9', '--web-port', '9']],
    [2, 'a seeder without files', 'NO_FILES', ['seed', 'empty', '--port', '0']],
    [6, 'a file that cannot be read', 'FILE_UNREADABLE', ['create', 'no-such-file']],
    [7, 'a tracker that is not there, from `ls`', 'UNREACHABLE', ['ls', '--tracker', NOBODY]],
    [7, 'a tracker that is not there, from `get`', 'UNREACHABLE', ['get', 'a', '--tracker', NOBODY]],
  ])('%d for %s', async (exitCode, _what, code, args) => {
    expect(await endsWith(exitCode, ...args)).toMatchObject({ event: 'failed', code, exitCode });
  });

  test('3 when nobody has the file', async () => {
    await using tracker = await startTracker();
    const failed = await endsWith(3, 'get', NO_HASH, '--tracker', tracker.url);
    expect(failed).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('7 for a port in use, of a tracker and of a download', async () => {
    const server = createServer().listen(0);
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    try {
      for (const args of [
        ['tracker', '--port', port, '--web-port', '0'],
        ['get', NO_HASH, '--port', port],
      ]) {
        expect(await endsWith(7, ...args)).toMatchObject({ code: 'PORT_IN_USE' });
      }
    } finally {
      server.close();
    }
  });
});
