import { type Command, Option } from 'commander';
import type { FlagValue } from '../config/index.ts';
import { SETTINGS, type SettingKey } from './settings.ts';

/** A flag that sets one of the settings, which may also come from the environment or the configuration file. */
export class SettingOption extends Option {
  readonly key: SettingKey;

  /** @param flags as commander takes them: `--port <port>`; the description is the setting's own */
  constructor(flags: string, key: SettingKey) {
    const { help, default: value } = SETTINGS.row(key);
    super(flags, `${help} [${key}]${value === undefined ? '' : ` (default: ${value})`}`);
    this.key = key;
  }
}

/** Reads the settings given on the command line, to the command itself and to the program it belongs to. */
export function flagsOf(command: Command): Partial<Record<SettingKey, FlagValue>> {
  const flags: Partial<Record<SettingKey, FlagValue>> = {};
  for (let owner: Command | null = command; owner !== null; owner = owner.parent) {
    for (const option of owner.options) {
      const text: unknown = owner.getOptionValue(option.attributeName());
      if (option instanceof SettingOption && typeof text === 'string')
        flags[option.key] = { flag: option.long!, text };
    }
  }
  return flags;
}
