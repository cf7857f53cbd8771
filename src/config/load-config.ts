import { withoutSecrets } from '../util/index.ts';
import { ConfigError } from './config-error.ts';
import { type Remarks, readConfigFile } from './config-file.ts';
import {
  type ConfigNotice,
  type Found,
  type FoundSettings,
  formatOrigin,
  type SettingOrigin,
  type Sources,
} from './config-source.ts';
import { readEnvironment } from './environment.ts';
import type { Setting, SettingsOf } from './setting.ts';
import type { SettingTable } from './setting-table.ts';

/** A flag of the command line with its value. */
export interface FlagValue {
  /** The flag as messages name it: `--timeout`. */
  readonly flag: string;
  readonly text: string;
}

/** The sources of settings. */
export interface ConfigSources<Key extends string> {
  /** A file that must exist; by default the first of `DEFAULT_CONFIG_FILES` that belongs to Shoal, if there is one. */
  readonly file?: string | undefined;
  /** The folder of `DEFAULT_CONFIG_FILES`, by default the current directory. */
  readonly folder?: string;
  readonly flags?: Readonly<Partial<Record<Key, FlagValue>>>;
  /** The environment; by default it is empty. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The settings with their texts and origins. */
export interface LoadedConfig<Row extends Setting> {
  /** The settings with their defaults. Only a setting without a default may be `undefined`. */
  readonly settings: SettingsOf<Row>;
  /** The text of each setting as it was written; an empty text for a setting that is not set. */
  readonly texts: Readonly<Record<Row['key'], string>>;
  readonly origins: Readonly<Record<Row['key'], SettingOrigin>>;
  /** Notes on the files and variables that were looked at. */
  readonly notices: readonly ConfigNotice[];
}

/**
 * Reads the settings. A flag beats an environment variable, which beats the file, which beats the default.
 *
 * Relative paths are not changed, so that they are relative to the current directory, not to the file. An empty value means
 * "not set" if the setting may stay unset, and is an error otherwise.
 *
 * @param prepare may drop settings of a source, before those of stronger sources replace those of weaker ones
 * @throws {ConfigError} with all faults: unknown keys of the file, keys that are given twice and bad values; or for a file that
 * cannot be read. A value that a stronger source replaces is not checked
 */
export async function loadConfig<Row extends Setting>(
  table: SettingTable<Row>,
  options: ConfigSources<Row['key']>,
  prepare: (sources: Sources) => void = () => {},
): Promise<LoadedConfig<Row>> {
  const { file, folder = '', flags = {}, env = {} } = options;
  const remarks: Remarks = { faults: [], notices: [] };
  const { faults, notices } = remarks;
  const sources: Sources = {
    file: await readConfigFile(table, file, folder, remarks),
    environment: readEnvironment(table, env, remarks),
    flags: readFlags(table, flags),
  };
  prepare(sources);
  const found = new Map([...sources.file, ...sources.environment, ...sources.flags]);
  const loaded = interpret(table, found, faults);
  ConfigError.throwAny(faults);
  return { ...loaded, notices };
}

function readFlags(
  { keys }: SettingTable<Setting>,
  flags: Readonly<Partial<Record<string, FlagValue>>>,
): FoundSettings {
  const found: FoundSettings = new Map();
  for (const key of keys) {
    const given = flags[key];
    if (given !== undefined) found.set(key, { text: given.text, origin: { kind: 'flag', flag: given.flag } });
  }
  return found;
}

/** Reads the value of every setting, and collects the faults. @returns the settings, which are of no use if there are faults */
function interpret<Row extends Setting>(
  { rows }: SettingTable<Row>,
  found: ReadonlyMap<string, Found>,
  faults: ConfigError[],
): Omit<LoadedConfig<Row>, 'notices'> {
  const values: Partial<Record<Row['key'], unknown>> = {};
  const texts = {} as Record<Row['key'], string>;
  const origins = {} as Record<Row['key'], SettingOrigin>;
  for (const row of rows) {
    const key: Row['key'] = row.key;
    const { text, origin } = found.get(key) ?? { text: row.default ?? '', origin: { kind: 'default' } };
    texts[key] = text;
    origins[key] = origin;
    const value = readValue(row, text, origin);
    if (value instanceof ConfigError) faults.push(value);
    else values[key] = value;
  }
  // The kind of each row has read its value.
  return { settings: values as SettingsOf<Row>, texts, origins };
}

function readValue({ key, kind, default: otherwise }: Setting, text: string, origin: SettingOrigin): unknown {
  if (text === '' && otherwise === undefined) return undefined;
  const value = kind.read(text);
  if (value !== undefined) return value;
  return badValue(key, origin, `${kind.rule}; found ${JSON.stringify(withoutSecrets(text))}`);
}

/**
 * Makes the error for a bad value, with its place.
 *
 * @param fault the fault, as a clause behind the setting: `must be a port; found "nine"`
 */
export function badValue(key: string, origin: SettingOrigin, fault: string): ConfigError {
  return new ConfigError('BAD_VALUE', `${formatOrigin(origin)}: ${key} ${fault}`, { key });
}
