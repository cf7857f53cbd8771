import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  makeFile,
  repositoryRoot,
  runProcess,
  sha256Of,
  spawnProcess,
  tempFolder,
} from '../support/index.ts';

test('shoal, packed and installed globally, seeds and gets a file as the README says', async () => {
  await using folder = await tempFolder();
  // What `prepare` builds is there already; it would take the place of what other tests run.
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder.path];
  const packed = await runProcess('npm', pack, { cwd: repositoryRoot });
  const prefix = ['--prefix', folder.join('global'), '--prefer-offline', '--no-audit', '--no-fund'];
  await runProcess('npm', ['install', '--global', '--ignore-scripts', ...prefix, folder.join(packed.trim())]);
  const shoal = join(folder.join('global'), 'bin/shoal');
  await makeFile(folder.join('models/weights.bin'), 100_000, 'weights');

  const spawn = (...args: readonly string[]) => spawnProcess(shoal, args, { cwd: folder.path });
  await using tracker = await spawn('tracker', '--port', '0', '--web-port', '0');
  const [, url] = await tracker.waitForLine(/Tracker listening on (http:\/\/127\.0\.0\.1:\d+),/);
  await using seeder = await spawn('seed', 'models/', '--port', '0', '--tracker', url!);
  await seeder.waitForLine(/^Registered with /);
  await using get = await spawn('get', 'weights.bin', '--tracker', url!);
  await get.exitsWith(0);
  expect(await sha256Of(folder.join('weights.bin'))).toBe(await sha256Of(folder.join('models/weights.bin')));
});
