import type { Command } from 'commander';
import { DEFAULT_CONFIG_FILE } from '../config/index.ts';
import { SettingOption } from './setting-option.ts';

/** Flags that every command takes, except those that are settings. */
export interface CommonFlags {
  readonly config?: string;
  readonly json?: true;
  readonly quiet?: true;
}

export function addCommonFlags(program: Command): void {
  program
    .option('--config <file>', `settings in this file, in place of ${DEFAULT_CONFIG_FILE}`)
    .option('--json', 'one JSON object a line on stdout, for programs')
    .option('-q, --quiet', 'nothing but errors')
    .addOption(new SettingOption('--log-level <level>', 'log.level'));
}
