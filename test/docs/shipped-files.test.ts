import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeAow } from '../../scripts/make-aow.ts';
import { loadSettings, SETTINGS } from '../../src/cli/settings.ts';

const root = new URL('../../../', import.meta.url);
const file = fileURLToPath(new URL('config/config.properties', root));

test('data/aow.txt is what makeAow() makes', async () => {
  const text = await readFile(new URL('data/aow.txt', root), 'latin1');
  expect(text === makeAow()).toBe(true);
  expect(text).toHaveLength(343_691);
});

test('config/config.properties names data/aow.txt by its true size and SHA-256', async () => {
  const content = await readFile(new URL('data/aow.txt', root));
  const { settings } = await loadSettings({ file });
  expect(settings['client.fileSize']).toBe(content.length);
  expect(settings['client.fileHash']).toBe(createHash('sha256').update(content).digest('hex'));
});

/** The settings of the demo's file, which nobody else is to fetch: they have no defaults. */
const DEMO_KEYS = ['client.outputFileName', 'client.fileName', 'client.fileSize', 'client.fileHash'] as const;

test('config/config.properties says the same as the defaults, except which file to get', async () => {
  const { settings: defaults } = await loadSettings({ file: '/dev/null' });
  const unset = Object.fromEntries(DEMO_KEYS.map((key) => [key, undefined]));
  expect({ ...(await loadSettings({ file })).settings, ...unset }).toEqual(defaults);
  expect(DEMO_KEYS.map((key) => defaults[key])).toEqual([undefined, undefined, undefined, undefined]);
});

test('config/config.properties sets the keys users know', async () => {
  const keys = [...(await readFile(file, 'utf8')).matchAll(/^([\w.]+)=/gm)].map(([, key]) => key);
  expect(keys).toEqual([
    'tracker.port',
    'tracker.webPort',
    'seeder.port',
    'seeder.inputDir',
    'client.outputFileName',
    'client.fileName',
    'client.fileSize',
    'client.fileHash',
  ]);
});

test('config/config.properties explains every setting, and shows its default', async () => {
  const text = await readFile(file, 'utf8');
  const lines = new Set(text.split('\n').map((line) => line.replace(/^#/, '')));
  const url = 'tracker.url=http://127.0.0.1:9910';
  const expected = SETTINGS.rows
    .filter(({ key }) => !DEMO_KEYS.some((demoKey) => demoKey === key))
    .map(({ key, default: value = '' }) => `${key}=${value}`);
  expect(expected.filter((line) => !lines.has(line) && !(line === 'tracker.url=' && lines.has(url)))).toEqual(
    [],
  );
});
