import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from './settings.ts';

const HASH = 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1';
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-config-'));
  file = join(folder, 'shoal.properties');
  await writeFile(
    file,
    `client.fileName=aow.txt\nclient.fileSize=7\nclient.fileHash=${HASH}\nclient.outputFileName=out.txt\n`,
  );
});
afterEach(() => rm(folder, { recursive: true }));

/** Gives name, size, SHA-256 and output of the file to get. */
async function wantedBy(sources: Omit<Parameters<typeof loadSettings>[0], 'file'>) {
  const { settings } = await loadSettings({ file, ...sources });
  return (['fileName', 'fileSize', 'fileHash', 'outputFileName'] as const).map(
    (name) => settings[`client.${name}`],
  );
}

test('loadSettings() takes the file to get from the configuration file when no other source names one', async () => {
  expect(await wantedBy({})).toEqual(['aow.txt', 7, HASH, 'out.txt']);
});

test('loadSettings() takes no size, SHA-256 and output from the file when a flag names another file', async () => {
  const flags = { 'client.fileName': { flag: '--name', text: 'art.tgz' } };
  expect(await wantedBy({ flags })).toEqual(['art.tgz', undefined, undefined, undefined]);
});

test('loadSettings() prefers the environment to the file for each setting on its own', async () => {
  const env = { SHOAL_CLIENT_FILE_SIZE: '9', SHOAL_CLIENT_OUTPUT_FILE_NAME: 'env.txt' };
  expect(await wantedBy({ env })).toEqual(['aow.txt', 9, HASH, 'env.txt']);
});

test("loadSettings() takes the environment's output name, but not its name, size and SHA-256, for a file that a flag names", async () => {
  const env = { SHOAL_CLIENT_FILE_NAME: 'env', SHOAL_CLIENT_OUTPUT_FILE_NAME: 'env.txt' };
  const flags = { 'client.fileHash': { flag: '--sha256', text: HASH } };
  expect(await wantedBy({ env, flags })).toEqual([undefined, undefined, HASH, 'env.txt']);
});

test('loadSettings() takes the output name from a configuration file that names no file to get', async () => {
  await writeFile(file, 'client.outputFileName=out.txt');
  const flags = { 'client.fileName': { flag: '--name', text: 'art.tgz' } };
  expect(await wantedBy({ flags })).toEqual(['art.tgz', undefined, undefined, 'out.txt']);
});
