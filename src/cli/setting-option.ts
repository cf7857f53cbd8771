import { type Command, Option } from 'commander';
import type { FlagValue } from '../config/index.ts';
import { SETTINGS, type SettingKey } from './settings.ts';

/** A flag for a setting, which the environment or the configuration file may set as well. */
export class SettingOption extends Option {
  readonly key: SettingKey;
  /** Whether it may be repeated, because its value is a list of words. */
  readonly isList: boolean;

  /** @param flags the flags in the form of commander: `--port <port>`. The description is that of the setting */
  constructor(flags: string, key: SettingKey) {
    const { help, kind, default: value } = SETTINGS.row(key);
    super(flags, `${help} [${key}]${value === undefined ? '' : ` (default: ${value})`}`);
    this.key = key;
    this.isList = kind.isList ?? false;
    if (this.isList) this.argParser(joinWords);
  }
}

/** Adds the words of a repeated flag to those before. */
function joinWords(words: string, before: string | undefined): string {
  return before === undefined ? words : `${before} ${words}`;
}

/** Lists the settings that the command line gives, to the command itself or to its program. */
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
