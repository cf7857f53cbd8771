import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Remarks, settingsOf } from './config-file.ts';
import { formatOrigin } from './config-source.ts';
import { loadConfig } from './load-config.ts';
import { MAX_CONFIG_BYTES } from './properties-file.ts';
import { setting } from './setting.ts';
import { port, text } from './setting-kinds.ts';
import { SettingTable } from './setting-table.ts';

const TABLE = new SettingTable(
  [
    setting({ key: 'tracker.port', kind: port, default: '9910', help: 'A port.' }),
    setting({ key: 'client.fileName', kind: text, help: 'A name.' }),
    setting({ key: 'log.level', kind: text, default: 'info', help: 'A level.' }),
  ],
  { commonPrefix: 'log.' },
);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-config-'));
  await mkdir(join(folder, 'config'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Loads the settings in a folder that has these files. */
async function loadWith(files: Readonly<Record<string, string | Uint8Array>>) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const { settings, origins, notices } = await loadConfig(TABLE, { folder });
  const { level, message = '' } = notices[0] ?? {};
  const port = settings['tracker.port'];
  return {
    port,
    origin: formatOrigin(origins['tracker.port']).replace(`${folder}/`, ''),
    notice: level && `${level}: ${message.replaceAll(`${folder}/`, '')}`,
  };
}

test('loadConfig() reads shoal.properties before config/config.properties', async () => {
  const files = { 'shoal.properties': 'tracker.port=1', 'config/config.properties': 'tracker.port=2' };
  expect(await loadWith(files)).toEqual({
    port: 1,
    origin: 'shoal.properties:1',
    notice: 'debug: config/config.properties is not read: shoal.properties comes first',
  });
});

test('loadConfig() reads config/config.properties where there is no shoal.properties', async () => {
  const found = await loadWith({ 'config/config.properties': 'tracker.port=2' });
  expect(found).toMatchObject({ port: 2, origin: 'config/config.properties:1', notice: undefined });
});

test.each([
  ['settings of another program', 'server.port=8080\nspring.datasource.url=jdbc:h2:mem\nlog.level=INFO'],
  ['keys that begin like ours beside others', 'client.id=7\nlog.dirs=/tmp/kafka\nbootstrap.servers=a:9092'],
  ['no keys', '# nothing'],
  ['bytes that are no UTF-8', Uint8Array.of(0x61, 0x3d, 0xff)],
])('loadConfig() ignores a config/config.properties with %s', async (_what, content) => {
  expect(await loadWith({ 'config/config.properties': content })).toEqual({
    port: 9910,
    origin: 'the default',
    notice: 'debug: config/config.properties is not read: none of its keys is a setting of Shoal',
  });
});

test('loadConfig() warns of a config/config.properties that it cannot read', async () => {
  const content = '#'.repeat(MAX_CONFIG_BYTES + 1);
  expect((await loadWith({ 'config/config.properties': content })).notice).toBe(
    'warn: Cannot read config/config.properties: it is larger than 1048576 bytes; Shoal goes on without that file',
  );
});

test('loadConfig() ignores a folder called config/config.properties, and a file called config', async () => {
  await mkdir(join(folder, 'config/config.properties'));
  expect(await loadWith({})).toMatchObject({ port: 9910, notice: undefined });
  await rm(join(folder, 'config'), { recursive: true });
  expect(await loadWith({ config: 'x' })).toMatchObject({ port: 9910, notice: undefined });
});

test.each(['tracker.port=1\ntracker.prt=2', 'tracker.prt=2', 'tracker.port=1\nserver.port=8080'])(
  'loadConfig() refuses an unknown key in a config/config.properties of Shoal, %j',
  async (content) => {
    await expect(loadWith({ 'config/config.properties': content })).rejects.toMatchObject({
      code: 'UNKNOWN_KEY',
    });
  },
);

test('loadConfig() refuses an unknown key in shoal.properties, even without a key of Shoal', async () => {
  const loading = loadWith({ 'shoal.properties': 'server.port=8080' });
  await expect(loading).rejects.toMatchObject({ code: 'UNKNOWN_KEY' });
});

test('settingsOf() does not measure how far a key of a million characters is from each setting', () => {
  const remarks: Remarks = { faults: [], notices: [] };
  // Measuring the distances took half a minute.
  const properties = [{ key: 'x'.repeat(1_000_000), value: '1', line: 1 }];
  expect(settingsOf(TABLE, { file: 'f', properties }, remarks).size).toBe(0);
  expect(remarks.faults.map(({ code }) => code)).toEqual(['UNKNOWN_KEY']);
});
