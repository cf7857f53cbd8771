export { ConfigError, type ConfigErrorCode } from './config-error.ts';
export { MAX_DURATION_MS, parseDuration } from './duration.ts';
export {
  badValue,
  type Config,
  type ConfigSources,
  DEFAULT_CONFIG_FILE,
  type FlagValue,
  formatOrigin,
  type LoadedConfig,
  loadConfig,
  type Origin,
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
