import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot, runProcess, spawnProcess, tempFolder } from '../support/index.ts';

const DEMO = join(repositoryRoot, 'build/scripts/demo.js');

const ANY_PORTS = { SHOAL_TRACKER_PORT: '0', SHOAL_TRACKER_WEB_PORT: '0', SHOAL_SEEDER_PORT: '0' };

test('the demo ends with the list of seeders and the verified file', async () => {
  await using folder = await tempFolder();
  const env = { ...ANY_PORTS, SHOAL_CLIENT_OUTPUT_FILE_NAME: folder.join('got.txt') };
  const said = await runProcess(process.execPath, [DEMO], { cwd: repositoryRoot, env });
  expect(said).toMatch(/seeder on \d+ is listed\n.*seeder on \d+ is listed\n/);
  expect(said).toMatch(/ok +size 343691\n +ok +SHA-256 [0-9a-f]{64}/);
});

test('the demo says which port is in use, and fails', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  try {
    const env = { ...ANY_PORTS, SHOAL_TRACKER_PORT: port };
    await using demo = await spawnProcess(process.execPath, [DEMO], { cwd: repositoryRoot, env });
    await demo.exitsWith(1);
    expect(demo.output).toMatch(new RegExp(`The demo failed\\. .*${port}.*\\n.*SHOAL_TRACKER_PORT`));
  } finally {
    server.close();
  }
});
