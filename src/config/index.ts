export { ConfigError, type ConfigErrorCode } from './config-error.ts';
export { DEFAULT_CONFIG_FILES } from './config-file.ts';
export { formatOrigin, type SettingOrigin } from './config-source.ts';
export {
  badValue,
  type Config,
  type ConfigSources,
  type FlagValue,
  type LoadedConfig,
  loadConfig,
} from './load-config.ts';
export {
  describeSettings,
  SETTING_KEYS,
  type SettingDoc,
  type SettingKey,
  type Settings,
} from './settings.ts';
export { parseSize } from './size.ts';
