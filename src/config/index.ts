export { ConfigError, type ConfigErrorCode } from './config-error.ts';
export { DEFAULT_CONFIG_FILES } from './config-file.ts';
export { formatOrigin, type SettingOrigin } from './config-source.ts';
export { MAX_DURATION_MS, parseDuration } from './duration.ts';
export {
  badValue,
  type Config,
  type ConfigSources,
  type FlagValue,
  type LoadedConfig,
  loadConfig,
} from './load-config.ts';
export { MAX_CONFIG_BYTES } from './properties-file.ts';
export { MAX_RATE, MIN_RATE, parseRate } from './rate.ts';
export {
  describeSettings,
  SETTING_KEYS,
  type SettingDoc,
  type SettingKey,
  type Settings,
  variableOf,
} from './settings.ts';
export { parseSize } from './size.ts';
