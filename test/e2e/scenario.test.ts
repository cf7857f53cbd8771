import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort, repositoryRoot, sha256Of, type TempFolder, tempFolder } from '../support/index.ts';
import { runShoal, shoal, untilEventOf } from './shoal.ts';

const DATA = join(repositoryRoot, 'data');
const OURS = 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1';
/** SHA-256 of the edition that the text in data/ stands in for. */
const ORIGINAL = '98c4a4a4710a40ae79de349b582950f9eed2196a7ff05f1e4c5aca3b51d1f588';

/** One file of settings for all three parts, as a user writes it. */
async function configure(folder: TempFolder, fileHash: string): Promise<{ webPort: number }> {
  const [port, webPort, seederPort] = [await freePort(), await freePort(), await freePort()];
  const lines = [
    `tracker.port=${port}`,
    `tracker.webPort=${webPort}`,
    `seeder.port=${seederPort}`,
    `seeder.inputDir=${DATA}`,
    `client.outputFileName=${folder.join('downloaded.txt')}`,
    'client.fileName=aow.txt',
    'client.fileSize=343691',
    `client.fileHash=${fileHash}`,
  ];
  await mkdir(folder.join('config'));
  await writeFile(folder.join('config/config.properties'), lines.join('\n'));
  return { webPort };
}

describe('with one configuration file', () => {
  test('shoal get brings the file that shoal seed offers, and the web API lists the seeder', async () => {
    await using folder = await tempFolder();
    const { webPort } = await configure(folder, OURS);
    const cwd = { cwd: folder.path };
    await using tracker = await shoal(['tracker'], cwd);
    await tracker.waitForLine(/^Tracker listening on http:\/\/127\.0\.0\.1:\d+, web API on /);
    await using seeder = await shoal(['seed'], cwd);
    await seeder.waitForLine(/^Seeding 1 torrent on \*:\d+ /);
    await seeder.waitForLine(/^Registered with http:\/\/127\.0\.0\.1:\d+: 1 torrent/);

    await using client = await shoal(['get'], cwd);
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
    await using folder = await tempFolder();
    await configure(folder, ORIGINAL);
    const cwd = { cwd: folder.path };
    await using tracker = await shoal(['tracker', '--json'], cwd);
    await untilEventOf(tracker, 'listening');
    await using seeder = await shoal(['seed', '--json'], cwd);
    await untilEventOf(seeder, 'registered');

    const failed = await runShoal(['get'], 3, cwd);
    expect(failed).toMatchObject({ event: 'failed', code: 'NOT_FOUND', exitCode: 3 });
    await expect(stat(folder.join('downloaded.txt'))).rejects.toThrow('ENOENT');
    await expect(stat(folder.join('downloaded.txt.part'))).rejects.toThrow('ENOENT');

    const env = {
      SHOAL_CLIENT_FILE_HASH: '0'.repeat(64),
      SHOAL_CLIENT_OUTPUT_FILE_NAME: folder.join('env.txt'),
    };
    const done = await runShoal(['get', '--sha256', OURS], 0, { ...cwd, env });
    expect(done).toMatchObject({ event: 'done', path: folder.join('env.txt'), sha256: OURS });
  });
});
