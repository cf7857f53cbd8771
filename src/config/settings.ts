import type { SettingKind } from './setting-kinds.ts';
import { OLDER_KEYS, SETTINGS } from './settings/index.ts';

/** A setting: its kind of value, and what it is for. */
interface Setting<T> {
  readonly kind: SettingKind<T>;
  /** The value when nobody sets it, as a user would write it; absent: it may stay unset. */
  readonly default?: string;
  readonly description: string;
}

/** A setting that always has a value. */
interface SettingWithDefault<T> extends Setting<T> {
  readonly default: string;
}

/** The name of a setting, as it stands in the file: `tracker.port`. */
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

/** Finds the setting of a name, today's or an older one. It returns `undefined` when there is none. */
export function settingKeyOf(name: string): SettingKey | undefined {
  if (Object.hasOwn(SETTINGS, name)) return name as SettingKey;
  return Object.hasOwn(OLDER_KEYS, name) ? OLDER_KEYS[name] : undefined;
}

/** Lists every environment variable that sets something, those of older names included, with its setting. */
export function settingsByVariable(): Map<string, SettingKey> {
  return new Map([
    ...SETTING_KEYS.map((key) => [variableOf(key), key] as const),
    ...Object.entries(OLDER_KEYS).map(([name, key]) => [variableOf(name), key] as const),
  ]);
}

/** Finds the kind of a setting, which says how its text is read. */
export function settingKindOf(key: SettingKey): SettingKind<unknown> {
  return settingOf(key).kind;
}

/** Finds the text of a setting's default. It returns `undefined` when it has none. */
export function defaultText(key: SettingKey): string | undefined {
  return settingOf(key).default;
}

function settingOf(key: SettingKey): Setting<unknown> {
  return SETTINGS[key];
}

/** Names the environment variable of a setting: `client.fileName` is `SHOAL_CLIENT_FILE_NAME`. */
export function variableOf(key: string): string {
  return `${VARIABLE_PREFIX}${key
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** The start of the names of all environment variables that set something. */
export const VARIABLE_PREFIX = 'SHOAL_';

/** One line of the settings' reference. */
export interface SettingDoc {
  readonly key: SettingKey;
  readonly variable: string;
  readonly default: string | undefined;
  readonly description: string;
}

/** Lists all settings in the order of their declaration, for help texts and the reference. */
export function describeSettings(): SettingDoc[] {
  return SETTING_KEYS.map((key) => ({
    key,
    variable: variableOf(key),
    default: defaultText(key),
    description: settingOf(key).description,
  }));
}
