import type { Command, Option } from 'commander';
import { ListOption } from './list-option.ts';
import { SettingOption } from './setting-option.ts';

/**
 * Refuses a flag with one value that is given twice, because it is unclear which value counts. Flags with a list, and flags
 * without a value, may be repeated.
 */
export function refuseRepeatedFlags(command: Command): void {
  for (const option of command.options) {
    if (option.isBoolean() || option.variadic || takesList(option)) continue;
    let first: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (first !== undefined) {
        const name = option.long ?? option.flags;
        command.error(`error: ${name} is given twice, as '${first}' and as '${value}': give it once`);
      }
      first = value;
    });
  }
  for (const subcommand of command.commands) refuseRepeatedFlags(subcommand);
}

function takesList(option: Option): boolean {
  return option instanceof ListOption || (option instanceof SettingOption && option.isList);
}
