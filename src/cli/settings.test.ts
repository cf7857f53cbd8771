import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConfigError, formatOrigin, MAX_CONFIG_BYTES, variableOf } from '../config/index.ts';
import { loadSettings, SETTINGS } from './settings.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function fileWith(content: string | Uint8Array): Promise<string> {
  const file = join(folder, 'test.properties');
  await writeFile(file, content);
  return file;
}

async function failure(
  sources: Parameters<typeof loadSettings>[0],
): Promise<Pick<ConfigError, 'code' | 'message' | 'key'>> {
  const error = await loadSettings(sources).then(
    () => expect.fail('loadSettings() should have thrown'),
    (thrown: ConfigError) => thrown,
  );
  return { code: error.code, message: error.message.replaceAll(folder, '.'), key: error.key! };
}

describe('loadSettings() precedence', () => {
  const flags = { 'tracker.port': { flag: '--port', text: '4' } };
  const env = { SHOAL_TRACKER_PORT: '3', HOME: '/root' };

  test('loadSettings() takes a flag before the environment before the file before the default', async () => {
    const file = await fileWith('tracker.port=2');
    const ports = [{ file, env, flags }, { file, env }, { file }, { file: '/dev/null' }].map(
      async (sources) => {
        const { settings, origins } = await loadSettings(sources);
        return [settings['tracker.port'], formatOrigin(origins['tracker.port']).replace(folder, '.')];
      },
    );
    expect(await Promise.all(ports)).toEqual([
      [4, '--port'],
      [3, 'SHOAL_TRACKER_PORT'],
      [2, './test.properties:1'],
      [9910, 'the default'],
    ]);
  });

  test('loadSettings() does not check a value that is overridden', async () => {
    const file = await fileWith('tracker.port=many');
    expect((await loadSettings({ file, flags })).settings['tracker.port']).toBe(4);
  });
});

describe('loadSettings() of a file', () => {
  test('loadSettings() reads every kind of value', async () => {
    const file = await fileWith(
      [
        '\uFEFF# comment',
        'client.fileHash = ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789',
        'client.timeout: 1.5m\t',
        'client.fileName=\\u00e9t\\u00e9 \\',
        '   2.txt',
        'seeder.host=2001:DB8:0::1',
        'log.level=debug',
      ].join('\r\n'),
    );
    const { settings } = await loadSettings({ file });
    expect(settings).toMatchObject({
      'client.fileHash': 'abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789',
      'client.timeout': 90_000,
      'client.fileName': 'été 2.txt',
      'seeder.host': '2001:db8::1',
      'log.level': 'debug',
    });
  });

  test('loadSettings() names file, line and the nearest key for an unknown key', async () => {
    const file = await fileWith('# one\n\ntracker.prt=1\n');
    expect(await failure({ file })).toEqual({
      code: 'UNKNOWN_KEY',
      message: './test.properties:3: unknown key "tracker.prt"; did you mean tracker.port?',
      key: 'tracker.prt',
    });
  });

  test('loadSettings() lists the allowed keys when no key is similar', async () => {
    const file = await fileWith('zzz=1');
    expect((await failure({ file })).message).toContain('allowed are tracker.bind, tracker.port, ');
  });

  test('loadSettings() refuses a key that is set twice, naming both lines', async () => {
    const file = await fileWith('seeder.port=1\r\nclient.fileName=a\\\r\nb\r\nseeder.port=1');
    expect(await failure({ file })).toMatchObject({
      code: 'DUPLICATE_KEY',
      message: './test.properties:4: seeder.port is already set on line 1; remove one of the two',
    });
  });

  test('loadSettings() refuses a file that is missing, a folder, too large or not UTF-8', async () => {
    const missing = join(folder, 'none.properties');
    expect((await failure({ file: missing })).message).toBe(
      'Cannot read ./none.properties: there is no such file',
    );
    expect((await failure({ file: folder })).code).toBe('UNREADABLE');
    const large = await fileWith('#'.repeat(MAX_CONFIG_BYTES + 1));
    expect((await failure({ file: large })).message).toContain('larger than 1048576 bytes');
    const latin1 = await fileWith(Uint8Array.of(0x23, 0xe9));
    expect((await failure({ file: latin1 })).message).toContain('not text in UTF-8');
  });

  test('loadSettings() either reads any text or throws a ConfigError', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('tracker.port=1', 'client.timeout=', '\\', '=', '\\u12'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (lines) => {
        const file = await fileWith(lines.join('\n'));
        await loadSettings({ file }).catch((thrown: Error) => expect(thrown.name).toBe('ConfigError'));
      }),
    );
  });
});

describe('loadSettings() of bad values', () => {
  test.each([
    ['tracker.port', '65536', 'must be a port, 0 to 65535'],
    ['tracker.port', '', 'must be a port, 0 to 65535'],
    ['tracker.bind', 'a b', 'must be an IP address or a host name, without a port'],
    ['tracker.bind', 'host:80', 'must be an IP address or a host name, without a port'],
    [
      'tracker.url',
      'udp://t.example:80',
      'must be an http:// or https:// URL such as http://tracker.example:9910, or several with spaces between them',
    ],
    ['seeder.host', 'localhost', 'must be an IPv4 or IPv6 address'],
    ['seeder.inputDir', '', 'must not be empty'],
    [
      'client.fileSize',
      '-1',
      'must be a number of bytes, such as 343691, 512K or 1.5G (units of 1,024) or 50MB (of 1,000)',
    ],
    [
      'client.fileSize',
      '9007199254740992',
      'must be a number of bytes, such as 343691, 512K or 1.5G (units of 1,024) or 50MB (of 1,000)',
    ],
    ['client.fileHash', 'abc', 'must be a SHA-256: 64 hex digits'],
    [
      'client.timeout',
      '30',
      'must be a duration from 1ms to 500h with its unit (ms, s, m, h, d): 500ms, 30s, 5m, 1h or 2d; 0: no limit',
    ],
    [
      'client.timeout',
      '501h',
      'must be a duration from 1ms to 500h with its unit (ms, s, m, h, d): 500ms, 30s, 5m, 1h or 2d; 0: no limit',
    ],
    [
      'limit.up',
      '10X',
      'must be bytes per second from 1K to 1T, such as 500K, 10M or 1.5G (units of 1,024) or 50MB (of 1,000)',
    ],
    ['log.level', 'loud', 'must be one of silent, error, warn, info, debug, trace'],
  ] as const)('loadSettings() refuses %s=%s', async (key, value, allowed) => {
    const variable = variableOf(key);
    expect(await failure({ env: { [variable]: value } })).toEqual({
      code: 'BAD_VALUE',
      message: `${variable}: ${key} ${allowed}; found ${JSON.stringify(value)}`,
      key,
    });
  });

  test('loadSettings() names the flag and the line of a bad value', async () => {
    const flags = { 'client.timeout': { flag: '--timeout', text: 'soon' } } as const;
    expect((await failure({ flags })).message).toMatch(/^--timeout: client\.timeout must be/);
    const file = await fileWith('\nseeder.port=x');
    expect((await failure({ file })).message).toMatch(/^\.\/test\.properties:2: seeder\.port must be/);
  });

  test('loadSettings() reports all faults in one error', async () => {
    const file = await fileWith('tracker.prot=1\nlog.level=loud\nseeder.port=1\nseeder.port=2');
    const { code, message, key } = await failure({ file, env: { SHOAL_TRACKER_PORT: 'x' } });
    expect({ code, key }).toEqual({ code: 'UNKNOWN_KEY', key: 'tracker.prot' });
    expect(message.split('\n')).toEqual([
      '4 settings cannot be used:',
      '  ./test.properties:1: unknown key "tracker.prot"; did you mean tracker.port?',
      '  ./test.properties:4: seeder.port is already set on line 3; remove one of the two',
      '  SHOAL_TRACKER_PORT: tracker.port must be a port, 0 to 65535; found "x"',
      expect.stringMatching(/^ {2}.*:2: log\.level must be one of/),
    ]);
  });
});

describe('loadSettings() of the environment', () => {
  test('loadSettings() ignores an unknown SHOAL_ variable, with a notice that names the nearest', async () => {
    const env = { SHOAL_CLIENT_FILENAME: 'x', SHOAL_HOME: '/opt/shoal' };
    const { notices, origins } = await loadSettings({ file: '/dev/null', env });
    expect(notices).toEqual([
      {
        level: 'warn',
        message:
          'The environment variable SHOAL_CLIENT_FILENAME is ignored: no setting has it; did you mean SHOAL_CLIENT_FILE_NAME?',
      },
      {
        level: 'warn',
        message: expect.stringMatching(/^The environment variable SHOAL_HOME is ignored/) as string,
      },
    ]);
    expect(origins['client.fileName']).toEqual({ kind: 'default' });
  });

  test('loadSettings() ignores the variables of a command of get --then, without a notice', async () => {
    const names = ['PATH', 'ID', 'INFO_HASH', 'NAME', 'SIZE', 'SECONDS', 'DOWNLOADED'];
    const env = Object.fromEntries(names.map((name) => [`SHOAL_${name}`, 'x']));
    expect((await loadSettings({ file: '/dev/null', env })).notices).toEqual([]);
  });

  test('loadSettings() ignores the variables that Kubernetes sets for a Service, without a notice', async () => {
    const env = {
      SHOAL_TRACKER_PORT: 'tcp://10.96.0.5:9910',
      SHOAL_TRACKER_SERVICE_HOST: '10.96.0.5',
      SHOAL_TRACKER_SERVICE_PORT: '9910',
      SHOAL_TRACKER_SERVICE_PORT_WEB_API: '8081',
      SHOAL_TRACKER_PORT_9910_TCP: 'tcp://10.96.0.5:9910',
      SHOAL_TRACKER_PORT_9910_TCP_ADDR: '10.96.0.5',
      SHOAL_TRACKER_PORT_9910_TCP_PROTO: 'tcp',
      SHOAL_TRACKER_PORT_9910_UDP_PORT: '9910',
      SHOAL_SEEDER_PORT: 'udp://10.96.0.6:9911',
      SHOAL_TRACKER_WEB_PORT: 'tcp://10.96.0.7:80',
      SHOAL_PORT: 'tcp://10.96.0.8:80',
      SHOAL_SERVICE_HOST: '10.96.0.8',
      SHOAL_PORT_80_TCP_PORT: '80',
    };
    const { notices, settings } = await loadSettings({ file: '/dev/null', env });
    expect(notices).toEqual([]);
    const ports = ['tracker.port', 'tracker.webPort', 'seeder.port'] as const;
    expect(ports.map((key) => settings[key])).toEqual([9910, 8081, 9911]);
  });

  test('loadSettings() refuses a bad value of a known variable', async () => {
    expect((await failure({ env: { SHOAL_TRACKER_PORT: '10.96.0.5:9910' } })).code).toBe('BAD_VALUE');
    expect((await failure({ env: { SHOAL_TRACKER_BIND: 'tcp://10.96.0.5' } })).code).toBe('BAD_VALUE');
  });
});

describe('loadSettings() of older names', () => {
  test('loadSettings() takes the older name of a setting, from the file and the environment', async () => {
    const file = await fileWith('tracker.host=192.0.2.1');
    expect((await loadSettings({ file })).settings['tracker.bind']).toBe('192.0.2.1');
    const env = { SHOAL_TRACKER_HOST: '192.0.2.2' };
    expect((await loadSettings({ file, env })).settings['tracker.bind']).toBe('192.0.2.2');
  });

  test('loadSettings() refuses a setting under both names in one place', async () => {
    const file = await fileWith('tracker.host=192.0.2.1\ntracker.bind=192.0.2.2');
    expect((await failure({ file })).code).toBe('DUPLICATE_KEY');
    const env = { SHOAL_TRACKER_HOST: '192.0.2.1', SHOAL_TRACKER_BIND: '192.0.2.2' };
    expect((await failure({ env })).message).toBe(
      'SHOAL_TRACKER_BIND: tracker.bind is already set by SHOAL_TRACKER_HOST; remove one of the two',
    );
  });
});

describe('loadSettings() of optional settings', () => {
  test('loadSettings() treats an empty value as not set, even if a weaker source sets it', async () => {
    const file = await fileWith('tracker.bind=192.0.2.1\ntracker.port=80');
    const { settings } = await loadSettings({ file, env: { SHOAL_TRACKER_BIND: ' ' } });
    expect(settings['tracker.bind']).toBeUndefined();
    expect(settings['tracker.url']).toEqual(['http://127.0.0.1:80']);
  });

  test('loadSettings() derives tracker.url from the address on which the tracker listens', async () => {
    const urls = ['192.0.2.1', '::1', '::', '0.0.0.0'].map(
      async (host) => (await loadSettings({ env: { SHOAL_TRACKER_BIND: host } })).settings['tracker.url'],
    );
    expect(await Promise.all(urls)).toEqual([
      ['http://192.0.2.1:9910'],
      ['http://[::1]:9910'],
      ['http://127.0.0.1:9910'],
      ['http://127.0.0.1:9910'],
    ]);
  });
});

test('loadSettings() reads several trackers with spaces or commas between them', async () => {
  const env = { SHOAL_TRACKER_URL: 'http://a:9910, https://b.example/x http://[::1]:1' };
  const { settings } = await loadSettings({ env });
  expect(settings['tracker.url']).toEqual(['http://a:9910', 'https://b.example/x', 'http://[::1]:1']);
  const flags = { 'tracker.url': { flag: '--tracker', text: 'http://a:9910,b:9910' } };
  await expect(loadSettings({ flags })).rejects.toMatchObject({ key: 'tracker.url' });
});

test('SETTINGS has help and a variable for each setting, and a default that its kind reads', () => {
  const { rows } = SETTINGS;
  expect(rows.filter(({ help }) => !help.endsWith('.'))).toEqual([]);
  expect(SETTINGS.byVariable().size).toBe(rows.length + 1);
  expect(
    rows.filter(({ kind, default: text }) => text !== undefined && kind.read(text) === undefined),
  ).toEqual([]);
  expect(variableOf('client.outputFileName')).toBe('SHOAL_CLIENT_OUTPUT_FILE_NAME');
});
