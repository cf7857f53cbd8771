import type { Command } from 'commander';
import { runCommand } from './run-command.ts';
import { SettingOption } from './setting-option.ts';

export function addLsCommand(program: Command): void {
  program
    .command('ls')
    .summary('list the seeders and torrents of a tracker')
    .description(
      'Lists the seeders and torrents that are registered with a tracker, or with each of several.',
    )
    .addOption(new SettingOption('--tracker <url>', 'tracker.url'))
    .addHelpText('after', '\nExample:\n  $ shoal ls --tracker http://a:9910\n')
    .action((_flags: object, command: Command) =>
      runCommand(command, async (context) => (await import('./run-ls.ts')).runLs(context)),
    );
}
