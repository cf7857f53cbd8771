import { formatAddress, withoutSecrets } from '../util/index.ts';
import { ConfigError } from './config-error.ts';
import { type Remarks, readConfigFile } from './config-file.ts';
import {
  type ConfigNotice,
  type Found,
  type FoundSettings,
  formatOrigin,
  type SettingOrigin,
} from './config-source.ts';
import { readEnvironment } from './environment.ts';
import { defaultText, SETTING_KEYS, type SettingKey, type Settings, settingKindOf } from './settings.ts';
import { dropOtherFile, type Sources } from './wanted-file.ts';

/** A flag that was given on the command line: as the user typed it, and the text after it. */
export interface FlagValue {
  /** The flag as messages name it: `--timeout`. */
  readonly flag: string;
  readonly text: string;
}

export interface ConfigSources {
  /** A file that must exist; absent: the first of `DEFAULT_CONFIG_FILES` that is Shoal's, if there is one. */
  readonly file?: string | undefined;
  /** The folder in which `DEFAULT_CONFIG_FILES` are looked for; absent: the current directory. */
  readonly folder?: string;
  readonly flags?: Readonly<Partial<Record<SettingKey, FlagValue>>>;
  /** The environment; absent: there is none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The settings with their defaults; only what has no default may be unset. */
export interface Config extends Settings {
  readonly 'tracker.url': string;
}

export interface LoadedConfig {
  readonly settings: Config;
  /** The text of each setting as it was written; empty: the setting is not set. */
  readonly texts: Readonly<Record<SettingKey, string>>;
  readonly origins: Readonly<Record<SettingKey, SettingOrigin>>;
  /** Notes on the files and variables that were looked at. */
  readonly notices: readonly ConfigNotice[];
}

/**
 * Reads the settings: a flag beats an environment variable beats the file beats the default.
 *
 * Relative paths are left as they are, so they mean the current directory, whichever file they stand in. An empty
 * value means "not set" where a setting may stay unset, and is an error elsewhere.
 *
 * @throws {ConfigError} for an unknown key of the file, a key given twice, a bad value, all of them in one, or a file that
 * cannot be read; a value that a stronger source overrides is not looked at
 */
export async function loadConfig(options: ConfigSources): Promise<LoadedConfig> {
  const { file, folder = '', flags = {}, env = {} } = options;
  const remarks: Remarks = { faults: [], notices: [] };
  const { faults, notices } = remarks;
  const sources: Sources = {
    file: await readConfigFile(file, folder, remarks),
    environment: readEnvironment(env, remarks),
    flags: readFlags(flags),
  };
  dropOtherFile(sources);
  const found = new Map([...sources.file, ...sources.environment, ...sources.flags]);
  const loaded = interpret(found, faults);
  ConfigError.throwAny(faults);
  return { ...loaded, notices };
}

function readFlags(flags: Readonly<Partial<Record<SettingKey, FlagValue>>>): FoundSettings {
  const found: FoundSettings = new Map();
  for (const key of SETTING_KEYS) {
    const given = flags[key];
    if (given !== undefined) found.set(key, { text: given.text, origin: { kind: 'flag', flag: given.flag } });
  }
  return found;
}

/** Reads the value of every setting, and collects the faults. @returns the settings, which mean nothing as long as there are faults */
function interpret(
  found: ReadonlyMap<SettingKey, Found>,
  faults: ConfigError[],
): Omit<LoadedConfig, 'notices'> {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const texts = {} as Record<SettingKey, string>;
  const origins = {} as Record<SettingKey, SettingOrigin>;
  for (const key of SETTING_KEYS) {
    const { text, origin } = found.get(key) ?? { text: defaultText(key) ?? '', origin: { kind: 'default' } };
    texts[key] = text;
    origins[key] = origin;
    const value = readValue(key, text, origin);
    if (value instanceof ConfigError) faults.push(value);
    else values[key] = value;
  }
  // The kind of each key has read its value.
  const settings = values as Settings;
  const url = settings['tracker.url'] ?? urlOf(settings);
  return { settings: { ...settings, 'tracker.url': url }, texts, origins };
}

function readValue(key: SettingKey, text: string, origin: SettingOrigin): unknown {
  if (text === '' && defaultText(key) === undefined) return undefined;
  const { read, rule } = settingKindOf(key);
  const value = read(text);
  if (value !== undefined) return value;
  return badValue(key, origin, `${rule}; found ${JSON.stringify(withoutSecrets(text))}`);
}

/**
 * Makes the error for a bad value, which names its place.
 *
 * @param fault what is to be said of the setting: `must be a port; found "nine"`
 */
export function badValue(key: SettingKey, origin: SettingOrigin, fault: string): ConfigError {
  return new ConfigError('BAD_VALUE', `${formatOrigin(origin)}: ${key} ${fault}`, { key });
}

/** Finds the URL at which this machine reaches a tracker that was started with the same settings. */
function urlOf(settings: Settings): string {
  const host = settings['tracker.bind'];
  const isAnyAddress = host === undefined || host === '0.0.0.0' || host === '::';
  return `http://${formatAddress({ host: isAnyAddress ? '127.0.0.1' : host, port: settings['tracker.port'] })}`;
}
