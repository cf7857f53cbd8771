import { afterAll, beforeAll, expect, test } from 'vitest';
import { get } from '../../src/client/index.ts';
import { type LocalSwarm, leftOf, startLocalSwarm } from '../support/client/index.ts';
import { makeFile, type TempFolder, tempFolder } from '../support/index.ts';

let folder: TempFolder;
let swarm: LocalSwarm;

beforeAll(async () => {
  folder = await tempFolder();
  await makeFile(folder.join('content'), 300_000, 'callbacks');
  swarm = await startLocalSwarm(folder.join('content'));
});
afterAll(async () => {
  await swarm[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const boom = new Error('boom');
const fail = () => {
  throw boom;
};

test.each([
  ['throws', fail],
  ['returns a promise that rejects', (): unknown => Promise.reject(boom)],
])('get() rejects with what onProgress throws, and leaves nothing, when it %s', async (_how, onProgress) => {
  const output = folder.join('output');
  const getting = get({
    torrent: swarm.torrent,
    tracker: swarm.tracker,
    output,
    host: '127.0.0.1',
    onProgress,
  });
  await expect(getting).rejects.toMatchObject({
    code: 'CALLBACK_FAILED',
    message: 'The callback onProgress threw: boom',
    cause: boom,
  });
  expect(await leftOf(output)).not.toContain('');
});

test('get() rejects with what onWarning throws', async () => {
  const { torrent } = swarm;
  const tracker = 'http://127.0.0.1:1';
  const getting = get({ torrent, tracker, output: folder.join('other'), onWarning: fail });
  await expect(getting).rejects.toMatchObject({ code: 'CALLBACK_FAILED', cause: boom });
});
