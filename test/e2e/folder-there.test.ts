import { chmod, chown, lstat, mkdir, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTracker } from '../../src/tracker/index.ts';
import { makeFile, runProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { runShoal, shoal, startPublisher } from './shoal.ts';

const NOBODY = 65534;
const asNobody = () =>
  process.getuid?.() === 0 ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];

/** Makes a folder that a user whom permissions bind can write to, for root may run these tests. */
async function folderOfNobody(): Promise<TempFolder> {
  const folder = await tempFolder();
  await chmod(folder.path, 0o755);
  await mkdir(folder.join('out'));
  if (process.getuid?.() === 0) await chown(folder.join('out'), NOBODY, NOBODY);
  return folder;
}

describe('shoal get of a folder that is there', () => {
  test('tells what this user may not read, with exit code 6, and replaces it by --force', async () => {
    await using folder = await folderOfNobody();
    await makeFile(folder.join('app/lib/a.bin'), 50_000, 'a');
    await makeFile(folder.join('app/b.bin'), 50_000, 'b');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using _publisher = await startPublisher(tracker, folder.join('app'));
    const output = folder.join('out/app');
    const get = (...flags: string[]) => [
      'get',
      'app',
      '--tracker',
      tracker.url,
      '--output',
      output,
      ...flags,
    ];
    const options = { prefix: asNobody() };
    await runShoal(get(), 0, options);

    await chmod(`${output}/lib`, 0);
    const told = /1 that cannot be read \(lib\/a\.bin\)/;
    expect(await runShoal(get(), 6, options)).toMatchObject({ message: expect.stringMatching(told) });
    expect(await runShoal(get('--repair'), 6, options)).toMatchObject({
      message: expect.stringMatching(/this user may not read all of it: .*Change their modes/),
    });
    expect(await runShoal(get('--force'), 0, options)).toMatchObject({ wasThere: false });

    await chmod(`${output}/b.bin`, 0);
    expect(await runShoal(get(), 6, options)).toMatchObject({
      message: expect.stringMatching(/1 that cannot be read \(b\.bin\)/),
    });
    await chmod(`${output}/b.bin`, 0o644);

    await mkdir(`${output}/private`, { mode: 0o700 });
    expect(await runShoal(get(), 0, options)).toMatchObject({ wasThere: true, extra: ['private'] });
    expect(await readdir(folder.join('out'))).toEqual(['app']);
    expect((await lstat(output)).isDirectory()).toBe(true);
    await runProcess('chmod', ['-R', 'u+rwX', folder.path]);
  });

  test('does not replace the empty current folder, in which the user would be nowhere', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('app/a.bin'), 1000, 'a');
    await mkdir(folder.join('here'));
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using _publisher = await startPublisher(tracker, folder.join('app'));
    const cwd = folder.join('here');
    const get = ['get', 'app', '--tracker', tracker.url];
    expect(await runShoal([...get, '-o', '.'], 6, { cwd })).toMatchObject({
      message: expect.stringMatching(/it is the current folder.*\.\/ puts a folder into it/),
    });
    await runShoal([...get, '-o', './'], 0, { cwd });
    expect(await readdir(cwd)).toEqual(['app']);
    expect(basename(cwd)).toBe('here');
  });

  test('prints the content id, how many entries were mended, and what has gone with the old folder', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('app/a.bin'), 1000, 'a');
    await makeFile(folder.join('app/b.bin'), 1000, 'b');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using _publisher = await startPublisher(tracker, folder.join('app'));
    const getLines = async (...flags: string[]) => {
      const args = ['get', 'app', '--tracker', tracker.url, '-o', folder.join('out'), ...flags];
      await using spawned = await shoal(args);
      await spawned.exitsWith(0);
      return spawned.stdout;
    };
    expect((await getLines()).at(-1)).toMatch(/^Content id [0-9a-f]{64}$/);
    await makeFile(folder.join('out/a.bin'), 1001, 'a');
    expect((await getLines('--repair'))[0]).toMatch(/: 1 of its entries mended/);
    await makeFile(folder.join('out/a.bin'), 1001, 'a');
    await makeFile(folder.join('out/mine'), 10, 'mine');
    expect((await getLines('--force')).at(-1)).toBe(
      'Removed with the old folder, not of the new one: 1 thing (mine)',
    );
  });
});
