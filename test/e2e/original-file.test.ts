import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  makeFile,
  repositoryRoot,
  runProcess,
  sha256Of,
  type TempFolder,
  tempFolder,
} from '../support/index.ts';
import { runShoal, startSeeder, startTracker } from './shoal.ts';

/** The file that this project was first asked to share. It stands beside the checkout: it is not ours to publish. */
const ORIGINAL_FILE = process.env['AOW_ORIGINAL'] ?? join(repositoryRoot, '../shared/data/aow.txt');
const ORIGINAL_SIZE = 343_691;
const ORIGINAL_SHA256 = '98c4a4a4710a40ae79de349b582950f9eed2196a7ff05f1e4c5aca3b51d1f588';

const DEMO = join(repositoryRoot, 'build/scripts/demo.js');
const ANY_PORTS = { SHOAL_TRACKER_PORT: '0', SHOAL_TRACKER_WEB_PORT: '0', SHOAL_SEEDER_PORT: '0' };

let hasOriginal = false;

beforeAll(async () => {
  hasOriginal = await readFile(ORIGINAL_FILE).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'ENOENT') throw thrown;
      return false;
    },
  );
  if (hasOriginal) return;
  console.warn(
    `There is no ${ORIGINAL_FILE} (the README says what it is; AOW_ORIGINAL names another place): ` +
      'a file of the same size stands in for it',
  );
});

/**
 * Makes a folder with the original file and a configuration that names its SHA-256. Where the original is not, another file
 * of the same name and size, with its own SHA-256, stands in for it.
 */
async function withOriginal(): Promise<{ readonly folder: TempFolder; readonly sha256: string }> {
  const folder = await tempFolder();
  await mkdir(folder.join('data'));
  const path = folder.join('data/aow.txt');
  let sha256 = ORIGINAL_SHA256;
  if (hasOriginal) await copyFile(ORIGINAL_FILE, path);
  else sha256 = await makeFile(path, ORIGINAL_SIZE, 'aow');
  await writeFile(
    folder.join('original.properties'),
    `seeder.inputDir=${folder.join('data')}
client.fileName=aow.txt
client.fileSize=${ORIGINAL_SIZE}
client.fileHash=${sha256}
client.outputFileName=${folder.join('downloaded.txt')}
`,
  );
  return { folder, sha256 };
}

describe('the original example file', () => {
  test('is what the demo delivers with a configuration that names its SHA-256', async () => {
    const { folder, sha256 } = await withOriginal();
    await using _folder = folder;
    const args = [DEMO, '--config', folder.join('original.properties')];
    const said = await runProcess(process.execPath, args, { cwd: folder.path, env: ANY_PORTS });
    expect(said).toMatch(new RegExp(`ok +size ${ORIGINAL_SIZE}\\n +ok +SHA-256 ${sha256}`));
    expect(await sha256Of(folder.join('downloaded.txt'))).toBe(sha256);
  });

  test('is what shoal get delivers, by its settings and by its SHA-256', async () => {
    const { folder, sha256 } = await withOriginal();
    await using _folder = folder;
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('data'));
    const where = ['--tracker', tracker.url, '--config', folder.join('original.properties')];
    expect(await runShoal(['get', ...where])).toMatchObject({ size: ORIGINAL_SIZE, sha256 });
    expect(await sha256Of(folder.join('downloaded.txt'))).toBe(sha256);
    await runShoal(['get', sha256, '-o', folder.join('by-hash.txt'), ...where]);
    expect(await sha256Of(folder.join('by-hash.txt'))).toBe(sha256);
  });
});
