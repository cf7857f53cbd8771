import { formatAddress } from '../util/index.ts';
import { ConfigError } from './config-error.ts';
import { nearest } from './nearest.ts';
import { readPropertiesFile } from './properties-file.ts';
import {
  defaultText,
  isSettingKey,
  kindOf,
  SETTING_KEYS,
  type SettingKey,
  type Settings,
  VARIABLE_PREFIX,
  variableOf,
} from './settings.ts';

/** Read when no other file is asked for, relative to the current directory. */
export const DEFAULT_CONFIG_FILE = 'config/config.properties';

/** Where the value of a setting came from. */
export type Origin =
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'default' };

/** A flag that was given on the command line: what the user typed, and the text after it. */
export interface FlagValue {
  /** For messages: `--timeout`. */
  readonly flag: string;
  readonly text: string;
}

export interface ConfigSources {
  /** A file that must exist; absent: {@link DEFAULT_CONFIG_FILE}, if there is one. */
  readonly file?: string | undefined;
  readonly flags?: Readonly<Partial<Record<SettingKey, FlagValue>>>;
  /** Absent: no environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Settings with nothing left open but what may stay open. */
export interface Config extends Settings {
  readonly 'tracker.url': string;
}

export interface LoadedConfig {
  readonly settings: Config;
  /** Each as it was written; empty: it is not set. */
  readonly texts: Readonly<Record<SettingKey, string>>;
  readonly origins: Readonly<Record<SettingKey, Origin>>;
}

interface Found {
  readonly text: string;
  readonly origin: Origin;
}

/**
 * Reads the settings: a flag beats an environment variable beats the file beats the default.
 *
 * Relative paths are left as they are, so they mean the current directory, whichever file they stand in. An empty
 * value means "not set" where a setting may stay unset, and is an error elsewhere.
 *
 * @throws {ConfigError} for an unknown key or `SHOAL_…` variable, a key given twice, a bad value, all of them in one, or a
 * file that cannot be read; a value that a stronger source overrides is not looked at
 */
export async function loadConfig({ file, flags = {}, env = {} }: ConfigSources): Promise<LoadedConfig> {
  const faults: ConfigError[] = [];
  const found = new Map<SettingKey, Found>();
  for (const key of SETTING_KEYS) {
    const text = defaultText(key);
    if (text !== undefined) found.set(key, { text, origin: { kind: 'default' } });
  }
  for (const [key, value] of await fromFile(file, faults)) found.set(key, value);
  for (const [key, value] of fromEnvironment(env, faults)) found.set(key, value);
  for (const key of SETTING_KEYS) {
    const given = flags[key];
    if (given !== undefined) found.set(key, { text: given.text, origin: { kind: 'flag', flag: given.flag } });
  }
  const loaded = interpret(found, faults);
  ConfigError.throwAny(faults);
  return loaded;
}

/** The place as a user would look it up: `config/config.properties:3`, `SHOAL_TRACKER_PORT`, `--port`, `the default`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
      return origin.flag;
    case 'environment':
      return origin.variable;
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'default':
      return 'the default';
  }
}

async function fromFile(asked: string | undefined, faults: ConfigError[]): Promise<Map<SettingKey, Found>> {
  const file = asked ?? DEFAULT_CONFIG_FILE;
  const properties = await readPropertiesFile(file);
  if (properties === undefined && asked !== undefined) {
    throw new ConfigError('UNREADABLE', `Cannot read ${file}: there is no such file`);
  }
  const found = new Map<SettingKey, Found & { readonly origin: { readonly line: number } }>();
  for (const { key, value, line } of properties ?? []) {
    if (!isSettingKey(key)) {
      const message = `${file}:${line}: unknown key ${JSON.stringify(key)}; ${suggest(key, SETTING_KEYS)}`;
      faults.push(new ConfigError('UNKNOWN_KEY', message, { key }));
      continue;
    }
    const earlier = found.get(key);
    if (earlier !== undefined) {
      const message = `${file}:${line}: ${key} is already set on line ${earlier.origin.line}; remove one of the two`;
      faults.push(new ConfigError('DUPLICATE_KEY', message, { key }));
      continue;
    }
    found.set(key, { text: value, origin: { kind: 'file', file, line } });
  }
  return found;
}

function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  faults: ConfigError[],
): Map<SettingKey, Found> {
  const keyOf = new Map(SETTING_KEYS.map((key) => [variableOf(key), key]));
  const found = new Map<SettingKey, Found>();
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(VARIABLE_PREFIX)) continue;
    const key = keyOf.get(variable);
    if (key === undefined) {
      const message = `Unknown environment variable ${variable}; ${suggest(variable, [...keyOf.keys()])}`;
      faults.push(new ConfigError('UNKNOWN_KEY', message, { key: variable }));
      continue;
    }
    found.set(key, { text: text.trim(), origin: { kind: 'environment', variable } });
  }
  return found;
}

function suggest(unknown: string, known: readonly string[]): string {
  const candidate = nearest(unknown, known);
  return candidate === undefined ? `allowed are ${known.join(', ')}` : `did you mean ${candidate}?`;
}

/** @returns what means nothing as long as there are faults */
function interpret(found: ReadonlyMap<SettingKey, Found>, faults: ConfigError[]): LoadedConfig {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const texts = {} as Record<SettingKey, string>;
  const origins = {} as Record<SettingKey, Origin>;
  for (const key of SETTING_KEYS) {
    const { text, origin } = found.get(key) ?? { text: '', origin: { kind: 'default' } };
    texts[key] = text;
    origins[key] = origin;
    const value = readValue(key, text, origin);
    if (value instanceof ConfigError) faults.push(value);
    else values[key] = value;
  }
  // Each value is of its own key's kind.
  const settings = values as Settings;
  const url = settings['tracker.url'] ?? urlOf(settings);
  return { settings: { ...settings, 'tracker.url': url }, texts, origins };
}

function readValue(key: SettingKey, text: string, origin: Origin): unknown {
  if (text === '' && defaultText(key) === undefined) return undefined;
  const { read, rule } = kindOf(key);
  const value = read(text);
  if (value !== undefined) return value;
  return badValue(key, origin, `${rule}; found ${JSON.stringify(text)}`);
}

/** @param fault what is to be said of the setting: `must be a port; found "nine"` */
export function badValue(key: SettingKey, origin: Origin, fault: string): ConfigError {
  return new ConfigError('BAD_VALUE', `${formatOrigin(origin)}: ${key} ${fault}`, { key });
}

/** Where this machine reaches a tracker that was started with the same settings. */
function urlOf(settings: Settings): string {
  const host = settings['tracker.host'];
  const isAnyAddress = host === undefined || host === '0.0.0.0' || host === '::';
  return `http://${formatAddress({ host: isAnyAddress ? '127.0.0.1' : host, port: settings['tracker.port'] })}`;
}
