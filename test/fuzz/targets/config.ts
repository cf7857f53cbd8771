import assert from 'node:assert/strict';
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../../../src/cli/errors.ts';
import { readLifetime } from '../../../src/cli/read-lifetime.ts';
import { readScopes } from '../../../src/cli/read-scopes.ts';
import { readSize } from '../../../src/cli/read-size.ts';
import { SETTINGS } from '../../../src/cli/settings.ts';
import { readTarget } from '../../../src/cli/target.ts';
import { type Remarks, settingsOf } from '../../../src/config/config-file.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { ConfigError } from '../../../src/config/index.ts';
import { decodeProperties } from '../../../src/config/properties-file.ts';
import { TrackerStartError } from '../../../src/tracker/errors/tracker-start-error.ts';
import { parseProxies } from '../../../src/tracker/frontends/client-address/index.ts';
import { WebPageRules } from '../../../src/tracker/frontends/web-api/web-page-rules.ts';
import { parseRedisAddress } from '../../../src/tracker/redis/redis-address.ts';
import { checkRedisPrefix } from '../../../src/tracker/swarms/redis/redis-swarm-store.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const PROPERTIES = `# A tracker
tracker.port = 9910
tracker.bind: 192.0.2.1
tracker.url=http://t.example:9910
log.level\\ = info
client.fileName = Caf\\u00e9 \\
   au lait
client.fileSize=1.5M
limit.nothing = 1
! other comment
`;

/** The file of settings: an error, or a value for each setting that has a default. */
const configFile: FuzzTarget = {
  name: 'config-file',
  corpus: () => [
    bytesOf(PROPERTIES),
    bytesOf('tracker.port=80\r\ntracker.port=81\r\n'),
    new Uint8Array(Buffer.from('client.fileName=日本\\u65e5\n')),
    bytesOf('tracker.announceInterval=30m\nseeder.folder=/srv/x\n'),
  ],
  tokens: [
    ...SETTINGS.keys,
    '\\u',
    '\\u12',
    '\\ud800',
    '\\\n',
    '=',
    ':',
    '#',
    '!',
    '\r',
    '__proto__=1\n',
    'constructor=x\n',
  ],
  maxBytes: 4096,
  refusals: [ConfigError],
  run(input) {
    const remarks: Remarks = { faults: [], notices: [] };
    const file = 'shoal.properties';
    const found = settingsOf(SETTINGS, { file, properties: decodeProperties(file, input) }, remarks);
    ConfigError.throwAny(remarks.faults);
    for (const { origin } of found.values()) {
      assert.ok(origin.kind === 'file' && origin.line <= input.length + 1);
    }
    return found.size > 0;
  },
};

/** The environment, as lines of NAME=value. */
const environment: FuzzTarget = {
  name: 'config-environment',
  corpus: () => [
    bytesOf('SHOAL_TRACKER_PORT=9910\nSHOAL_CLIENT_FILE_NAME=x\nPATH=/bin'),
    bytesOf('SHOAL_TRACKER_PORT=tcp://10.96.0.5:9910\nSHOAL_TRACKER_SERVICE_HOST=10.96.0.5\nSHOAL_UNKNOWN=1'),
  ],
  tokens: ['\nSHOAL_', '=', '\nSHOAL_TRACKER_BIND=', '__proto__', '_SERVICE_PORT'],
  maxBytes: 2048,
  refusals: [ConfigError],
  run(input) {
    const lines = Buffer.from(input).toString().split('\n');
    const pairs = lines.map((line): [string, string] => {
      const at = line.indexOf('=');
      return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    });
    const remarks: Remarks = { faults: [], notices: [] };
    const found = readEnvironment(SETTINGS, Object.fromEntries(pairs), remarks);
    ConfigError.throwAny(remarks.faults);
    return found.size > 0;
  },
};

const VALUES = [
  '9910',
  '1.5G',
  '50MB',
  '30s',
  '0',
  'true',
  'info',
  '10.1.0.0/16 2001:db8:1::/48; 10.2.0.0/16',
  'tracker.example tracker.corp.example',
  'https://dashboard.example http://10.0.0.7:3000',
  'http://user:secret@t.example:9910/announce',
  'ab'.repeat(32),
  '2001:db8::1',
  'redis://user:p%40ss@r.example:6379/0,redis://s.example',
  'unix:/run/redis.sock',
];

/** A value of each setting: no kind throws, whatever the text. */
const settingValues: FuzzTarget = {
  name: 'setting-values',
  corpus: () => VALUES.map(bytesOf),
  tokens: ['%', '%zz', ',', ';', '/', '[', ']', ' ', '\u00a0', '://', '@', 'e5', '0x10', 'K', 'KiB', '/s'],
  maxBytes: 2048,
  run(input) {
    const text = Buffer.from(input).toString();
    let isTaken = false;
    for (const { key, kind } of SETTINGS.rows) {
      const value = kind.read(text);
      isTaken ||= value !== undefined && typeof value !== 'string';
      assert.ok(typeof value !== 'number' || Number.isFinite(value), `${key} is ${String(value)}`);
    }
    return isTaken;
  },
};

/** The options of a tracker that are read again by the tracker itself. */
const trackerOptions: FuzzTarget = {
  name: 'tracker-options',
  corpus: () => VALUES.map(bytesOf),
  tokens: ['%', '%zz', ',', 'redis://', 'rediss://', 'unix:', '@', '/0', '{', '*'],
  maxBytes: 2048,
  refusals: [TrackerStartError],
  run(input) {
    const text = Buffer.from(input).toString();
    let refusal: unknown;
    let taken = 0;
    const readers = [
      () => parseRedisAddress(text),
      () => parseRedisAddress(text, true),
      () => parseProxies(text.split(' ')),
      () => checkRedisPrefix(text),
      () => new WebPageRules({ publicHosts: [text] }),
      () => new WebPageRules({ webOrigins: [text] }).takesOrigin(text),
    ];
    for (const read of readers) {
      try {
        read();
        taken += 1;
      } catch (thrown) {
        if (!(thrown instanceof TrackerStartError)) throw thrown;
        refusal = thrown;
      }
    }
    new WebPageRules({}).isOwnHost(text);
    if (taken === 0) throw refusal;
    return true;
  },
};

/** The arguments of commands and the values of flags. */
const commandArguments: FuzzTarget = {
  name: 'command-arguments',
  isSlow: true,
  corpus: () =>
    [
      'beach.jpg',
      'x.torrent',
      'ab'.repeat(20),
      'ab'.repeat(32),
      'magnet:?xt=urn:btih:abc',
      'http://x/',
      '30d',
      'announce,register',
      '1.5M',
    ].map(bytesOf),
  tokens: ['.torrent', '\0', '/', '..', 'magnet:', 'ftp://', 'd8:'],
  maxBytes: 1024,
  refusals: [UsageError, InvalidArgumentError],
  async run(input) {
    const text = Buffer.from(input).toString();
    const target = await readTarget(text);
    if (target.kind === 'infoHash') assert.match(target.infoHash, /^[0-9a-f]{40}$/);
    for (const read of [readLifetime, readScopes, readSize]) {
      try {
        read(text);
      } catch (thrown) {
        if (!(thrown instanceof InvalidArgumentError)) throw thrown;
      }
    }
    return true;
  },
};

export const configTargets: readonly FuzzTarget[] = [
  configFile,
  environment,
  settingValues,
  trackerOptions,
  commandArguments,
];
