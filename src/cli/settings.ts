import { CLIENT_DEADLINE, CLIENT_SETTINGS } from '../client/settings.ts';
import {
  type ConfigSources,
  type LoadedConfig,
  loadConfig,
  type SettingsOf,
  SettingTable,
} from '../config/index.ts';
import { SEEDER_FOLDER, SEEDER_SETTINGS } from '../seeder/settings.ts';
import { TRACKER_SETTINGS } from '../tracker/settings.ts';
import { formatAddress } from '../util/index.ts';
import { LOG_SETTINGS, RATE_SETTINGS } from './common-settings.ts';
import { dropOtherFile } from './wanted-file.ts';

/** The tables of settings of all components, in the order of the documentation. */
const GROUPS = [
  ...TRACKER_SETTINGS,
  SEEDER_SETTINGS,
  SEEDER_FOLDER,
  CLIENT_SETTINGS,
  CLIENT_DEADLINE,
  RATE_SETTINGS,
  LOG_SETTINGS,
] as const;

type ValuesOf<Group> = Group extends unknown ? Group[keyof Group] : never;
type SettingRow = ValuesOf<(typeof GROUPS)[number]>;

/** The name of a setting in the file: `tracker.port`. */
export type SettingKey = SettingRow['key'];

/** The values of the settings: ports and sizes as numbers, rates in bytes per second, hashes in lower case. */
export type Settings = SettingsOf<SettingRow>;

/** The table of all settings. */
export const SETTINGS = new SettingTable<SettingRow>(
  GROUPS.flatMap((group): SettingRow[] => Object.values(group)),
  { olderKeys: { 'tracker.host': 'tracker.bind' }, commonPrefix: 'log.' },
);

/** The settings with their defaults. Only a setting without a default may be `undefined`. */
export interface CompleteSettings extends Settings {
  readonly 'tracker.url': readonly string[];
}

/** The settings of a command, with their texts and origins. */
export interface LoadedSettings extends LoadedConfig<SettingRow> {
  readonly settings: CompleteSettings;
}

/**
 * Reads the settings by {@link loadConfig}.
 *
 * @throws {ConfigError}
 */
export async function loadSettings(sources: ConfigSources<SettingKey>): Promise<LoadedSettings> {
  const loaded = await loadConfig(SETTINGS, sources, dropOtherFile);
  const { settings } = loaded;
  const urls = settings['tracker.url'] ?? [urlOf(settings)];
  return { ...loaded, settings: { ...settings, 'tracker.url': urls } };
}

/** Finds the URL at which this machine reaches a tracker that was started with the same settings. */
function urlOf(settings: Settings): string {
  const host = settings['tracker.bind'];
  const isAnyAddress = host === undefined || host === '0.0.0.0' || host === '::';
  return `http://${formatAddress({ host: isAnyAddress ? '127.0.0.1' : host, port: settings['tracker.port'] })}`;
}
