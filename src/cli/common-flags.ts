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
  'Ask the trackers that a .torrent names wherever they are; not given: in private networks only at /announce, and at no link-local address.';

export function addCommonFlags(program: Command): void {
  program
    .option(
      '--config <file>',
      `File to read the settings from; not given: ${DEFAULT_CONFIG_FILES.join(' or ')}, if there is one.`,
    )
    .option('--json', 'Print one JSON object a line to stdout, for programs.')
    .option('-q, --quiet', 'Print nothing but errors.')
    .addOption(new SettingOption('--log-level <level>', 'log.level'));
}
