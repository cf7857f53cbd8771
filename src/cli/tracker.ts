import type { Command } from 'commander';
import { runCommand } from './run-command.ts';
import { SettingOption } from './setting-option.ts';

export function addTrackerCommand(program: Command): void {
  program
    .command('tracker')
    .summary('run a tracker')
    .description('Runs a tracker: it knows who has which file, and tells those who want it. Ctrl-C stops it.')
    .addOption(new SettingOption('--host <host>', 'tracker.host'))
    .addOption(new SettingOption('--port <port>', 'tracker.port'))
    .addOption(new SettingOption('--web-port <port>', 'tracker.webPort'))
    .addOption(new SettingOption('--state-dir <folder>', 'tracker.stateDir'))
    .addHelpText('after', '\nExample:\n  $ shoal tracker --port 9910 --web-port 8081')
    .action((_flags: object, command: Command) =>
      runCommand(command, async (context) => (await import('./run-tracker.ts')).runTracker(context)),
    );
}
