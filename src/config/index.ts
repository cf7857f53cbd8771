export { ConfigError, type ConfigErrorCode } from './config-error.ts';
export { DEFAULT_CONFIG_FILES } from './config-file.ts';
export { type FoundSettings, formatOrigin, type SettingOrigin, type Sources } from './config-source.ts';
export {
  badValue,
  type ConfigSources,
  type FlagValue,
  type LoadedConfig,
  loadConfig,
} from './load-config.ts';
export { MAX_CONFIG_BYTES } from './properties-file.ts';
export {
  defaultOf,
  limit,
  type OptionsOf,
  optionRules,
  optionsFrom,
  type Setting,
  type SettingsOf,
  setting,
} from './setting.ts';
export * as kinds from './setting-kinds.ts';
export { MAX_SECONDS } from './setting-kinds.ts';
export { SettingTable, variableOf } from './setting-table.ts';
export { parseSize } from './size.ts';
export type { ThenVariable } from './then-variables.ts';
