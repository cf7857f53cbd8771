import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { repositoryRoot, runProcess, sha256Of, type TempFolder, tempFolder } from '../support/index.ts';
import { runShoal, startSeeder, startTracker } from './shoal.ts';

/** The file that this project was first asked to share: beside the checkout, for it is not ours to publish. */
const ORIGINAL_FILE = process.env['AOW_ORIGINAL'] ?? join(repositoryRoot, '../shared/data/aow.txt');
const ORIGINAL_SIZE = 343_691;
const ORIGINAL_SHA256 = '98c4a4a4710a40ae79de349b582950f9eed2196a7ff05f1e4c5aca3b51d1f588';

const DEMO = join(repositoryRoot, 'build/scripts/demo.js');
const ANY_PORTS = { SHOAL_TRACKER_PORT: '0', SHOAL_TRACKER_WEB_PORT: '0', SHOAL_SEEDER_PORT: '0' };

/** A folder with the file, and a configuration that names it; the test is left out where the file is not. */
async function withOriginal(context: TestContext): Promise<TempFolder> {
  const folder = await tempFolder();
  await mkdir(folder.join('data'));
  try {
    await copyFile(ORIGINAL_FILE, folder.join('data/aow.txt'));
  } catch (thrown) {
    await folder[Symbol.asyncDispose]();
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    const missing = `there is no ${ORIGINAL_FILE} (the README says what it is; AOW_ORIGINAL names another place)`;
    console.warn(`Left out, for ${missing}`);
    context.skip(missing);
  }
  await writeFile(
    folder.join('original.properties'),
    `seeder.inputDir=${folder.join('data')}
client.fileName=aow.txt
client.fileSize=${ORIGINAL_SIZE}
client.fileHash=${ORIGINAL_SHA256}
client.outputFileName=${folder.join('downloaded.txt')}
`,
  );
  return folder;
}

async function expectOriginal(path: string): Promise<void> {
  expect(await readFile(path)).toEqual(await readFile(ORIGINAL_FILE));
  expect(await sha256Of(path)).toBe(ORIGINAL_SHA256);
}

describe('the original example file', () => {
  test('is what the demo delivers with a configuration that names its SHA-256', async (context) => {
    await using folder = await withOriginal(context);
    const args = [DEMO, '--config', folder.join('original.properties')];
    const said = await runProcess(process.execPath, args, { cwd: folder.path, env: ANY_PORTS });
    expect(said).toMatch(new RegExp(`ok +size ${ORIGINAL_SIZE}\\n +ok +SHA-256 ${ORIGINAL_SHA256}`));
    await expectOriginal(folder.join('downloaded.txt'));
  });

  test('is what shoal get delivers, by its settings and by its SHA-256', async (context) => {
    await using folder = await withOriginal(context);
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('data'));
    const where = ['--tracker', tracker.url, '--config', folder.join('original.properties')];
    expect(await runShoal(['get', ...where])).toMatchObject({ size: ORIGINAL_SIZE, sha256: ORIGINAL_SHA256 });
    await expectOriginal(folder.join('downloaded.txt'));
    await runShoal(['get', ORIGINAL_SHA256, '-o', folder.join('by-hash.txt'), ...where]);
    await expectOriginal(folder.join('by-hash.txt'));
  });
});
