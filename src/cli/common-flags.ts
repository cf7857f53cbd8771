import type { Command } from 'commander';
import { DEFAULT_CONFIG_FILES } from '../config/index.ts';
import { SettingOption } from './setting-option.ts';

/** The flags that every command takes, except those that are settings. */
export interface CommonFlags {
  readonly config?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** The help for `--trust-trackers`, which several commands have. */
export const TRUST_TRACKERS =
  'Ask the trackers that a .torrent names at any address. Without this flag, those in private networks are asked only at /announce, and those at link-local addresses are not asked.';

export function addCommonFlags(program: Command): void {
  program
    .option(
      '--config <file>',
      `File to read the settings from (default: ${DEFAULT_CONFIG_FILES.join(' or ')}, if there is one).`,
    )
    .option('--json', 'Print one JSON object a line to stdout, for programs.')
    .option('-q, --quiet', 'Print nothing but errors.')
    .addOption(new SettingOption('--log-level <level>', 'log.level'));
}
