import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  Disposables,
  repositoryRoot,
  type SpawnedProcess,
  sha256Of,
  type TempFolder,
  tempFolder,
} from '../support/index.ts';
import { runShoal, shoal } from './shoal.ts';

const DATA = join(repositoryRoot, 'data');
const OURS = 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1';
/** SHA-256 of the edition that the text in data/ stands in for. */
const ORIGINAL = '98c4a4a4710a40ae79de349b582950f9eed2196a7ff05f1e4c5aca3b51d1f588';

/** A tracker and a seeder that were started without a flag, in a folder with one file of settings for all three. */
interface Stage extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly tracker: SpawnedProcess;
  readonly webPort: string;
}

async function setUp(fileHash: string): Promise<Stage> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  await mkdir(folder.join('config'));
  const configure = (port: string, webPort: string) =>
    writeFile(
      folder.join('config/config.properties'),
      [
        `tracker.port=${port}`,
        `tracker.webPort=${webPort}`,
        'seeder.port=0',
        `seeder.inputDir=${DATA}`,
        `client.outputFileName=${folder.join('downloaded.txt')}`,
        'client.fileName=aow.txt',
        'client.fileSize=343691',
        `client.fileHash=${fileHash}`,
      ].join('\n'),
    );

  // The tracker takes ports that are free, and then they are written down for the others.
  await configure('0', '0');
  const tracker = owned.use(await shoal(['tracker'], { cwd: folder.path }));
  const [, port, webPort] = await tracker.waitForLine(
    /^Tracker listening on http:\/\/127\.0\.0\.1:(\d+), web API on http:\/\/127\.0\.0\.1:(\d+)\/\S* \(on all addresses of this machine\)$/,
  );
  await configure(port!, webPort!);
  const seeder = owned.use(await shoal(['seed'], { cwd: folder.path }));
  await seeder.waitForLine(/^Seeding 1 torrent on \*:\d+ /);
  await seeder.waitForLine(new RegExp(`^Registered with http://127\\.0\\.0\\.1:${port}: 1 torrent,`));
  const all = owned.move();
  return { folder, tracker, webPort: webPort!, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}

describe('with one configuration file', () => {
  test('shoal get brings the file that shoal seed offers, and the web API lists the seeder', async () => {
    await using stage = await setUp(OURS);
    const { folder, tracker, webPort } = stage;
    await using client = await shoal(['get'], { cwd: folder.path });
    await client.exitsWith(0);
    expect(client.stdout.at(-1)).toBe(`SHA-256 ${OURS}`);
    expect(await sha256Of(folder.join('downloaded.txt'))).toBe(OURS);
    await expect(stat(folder.join('downloaded.txt.part'))).rejects.toThrow('ENOENT');

    const answer = await fetch(`http://127.0.0.1:${webPort}/api/v1/seeders`);
    expect(await answer.json()).toMatchObject({ total: 1, seeders: [{ host: '127.0.0.1', torrents: 1 }] });
    tracker.kill('SIGINT');
    await tracker.exitsWith(0);
  });

  test("shoal get refuses when the hash is the original's and the file is not", async () => {
    await using stage = await setUp(ORIGINAL);
    const { folder } = stage;
    const failed = await runShoal(['get'], 3, { cwd: folder.path });
    expect(failed).toMatchObject({ event: 'failed', code: 'NOT_FOUND', exitCode: 3 });
    await expect(stat(folder.join('downloaded.txt'))).rejects.toThrow('ENOENT');
    await expect(stat(folder.join('downloaded.txt.part'))).rejects.toThrow('ENOENT');
  });

  test('a flag beats the environment, which beats the file', async () => {
    await using stage = await setUp(ORIGINAL);
    const { folder } = stage;
    const path = folder.join('env.txt');
    const env = { SHOAL_CLIENT_FILE_HASH: '0'.repeat(64), SHOAL_CLIENT_OUTPUT_FILE_NAME: path };
    const done = await runShoal(['get', '--sha256', OURS], 0, { cwd: folder.path, env });
    expect(done).toMatchObject({ event: 'done', path, sha256: OURS });
  });
});
