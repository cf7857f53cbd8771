import {
  bytes,
  duration,
  hostName,
  httpUrl,
  ip,
  oneOf,
  port,
  rate,
  type SettingKind,
  sha256,
  text,
} from './setting-kinds.ts';

/** A setting: a kind of value, and what this one is for. */
interface Setting<T> {
  readonly kind: SettingKind<T>;
  /** What it is when nobody sets it, as a user would write it; absent: it may stay unset. */
  readonly default?: string;
  readonly description: string;
}

/** A setting that always has a value. */
interface SettingWithDefault<T> extends Setting<T> {
  readonly default: string;
}

/**
 * Every setting: its name, how its text is read, its default and what it is for. The one place where a setting is
 * declared; the file's reader, the names of environment variables and the printed reference all follow from it.
 */
const SETTINGS = {
  'tracker.host': { kind: hostName, description: 'Address the tracker binds to; not set: all interfaces.' },
  'tracker.port': {
    kind: port,
    default: '9910',
    description: 'Port of announces and of the web API; 0: any free one.',
  },
  'tracker.webPort': {
    kind: port,
    default: '8081',
    description: 'Port of the web API alone; 0: any free one.',
  },
  'tracker.stateDir': {
    kind: text,
    description: 'Folder in which the tracker keeps its swarms over a restart; not set: they are forgotten.',
  },
  'tracker.url': {
    kind: httpUrl,
    description:
      'Where seeders and clients find the tracker; not set: tracker.port on tracker.host, or on this machine.',
  },
  'seeder.host': {
    kind: ip,
    description: 'IP address at which peers reach the seeder; not set: the one the tracker sees.',
  },
  'seeder.port': {
    kind: port,
    default: '9911',
    description: 'Port on which the seeder takes peers; 0: any free one.',
  },
  'seeder.inputDir': { kind: text, default: 'data', description: 'Folder whose files are seeded.' },
  'client.port': {
    kind: port,
    default: '0',
    description: 'Port on which the client takes peers; 0: any free one.',
  },
  'client.outputFileName': {
    kind: text,
    default: '/tmp/downloaded.txt',
    description: 'Where the downloaded file is stored.',
  },
  'client.fileName': { kind: text, default: 'aow.txt', description: 'Name of the file to get.' },
  'client.fileSize': { kind: bytes, default: '343691', description: 'Size of the file to get, in bytes.' },
  'client.fileHash': {
    kind: sha256,
    default: 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1',
    description: 'SHA-256 of the file to get, in hex.',
  },
  'client.preallocation': {
    kind: oneOf('none', 'sparse', 'full'),
    default: 'sparse',
    description:
      'How a download takes its space on disk: none, as it is written; sparse, likewise, at full length; full, all of it before.',
  },
  'client.timeout': {
    kind: duration,
    default: '1h',
    description: 'How long a download may take in all, as 500ms, 30s, 5m or 1h.',
  },
  'limit.up': {
    kind: rate,
    description: 'Bytes per second that may be uploaded, as 500K, 10M or 1.5G; not set: no limit.',
  },
  'limit.upPerTorrent': {
    kind: rate,
    description: 'The same for each torrent of a seeder; not set: as much as all together.',
  },
  'limit.down': {
    kind: rate,
    description: 'Bytes per second that may be downloaded, as 500K, 10M or 1.5G; not set: no limit.',
  },
  'log.level': {
    kind: oneOf('silent', 'error', 'warn', 'info', 'debug', 'trace'),
    default: 'info',
    description: 'How much is logged: silent, error, warn, info, debug or trace.',
  },
};

/** Name of a setting, as it stands in the file: `tracker.port`. */
export type SettingKey = keyof typeof SETTINGS;

/** The settings as read: ports and sizes as numbers, durations in milliseconds, rates in bytes per second, hashes in lower case. */
export type Settings = {
  readonly [Key in SettingKey]: (typeof SETTINGS)[Key] extends SettingWithDefault<infer T>
    ? T
    : (typeof SETTINGS)[Key] extends Setting<infer T>
      ? T | undefined
      : never;
};

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}

/** How the text of a setting is read. */
export function kindOf(key: SettingKey): SettingKind<unknown> {
  return settingOf(key).kind;
}

/** The text of a setting's default, or `undefined` when it has none. */
export function defaultText(key: SettingKey): string | undefined {
  return settingOf(key).default;
}

function settingOf(key: SettingKey): Setting<unknown> {
  return SETTINGS[key];
}

/** The environment variable of a setting: `client.fileName` is `SHOAL_CLIENT_FILE_NAME`. */
export function variableOf(key: SettingKey): string {
  return `${VARIABLE_PREFIX}${key
    .replace('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** How the names of all environment variables that set something begin. */
export const VARIABLE_PREFIX = 'SHOAL_';

/** One line of the settings' reference. */
export interface SettingDoc {
  readonly key: SettingKey;
  readonly variable: string;
  readonly default: string | undefined;
  readonly description: string;
}

/** All settings in the order of their declaration, for help texts and the reference. */
export function describeSettings(): SettingDoc[] {
  return SETTING_KEYS.map((key) => ({
    key,
    variable: variableOf(key),
    default: defaultText(key),
    description: settingOf(key).description,
  }));
}
