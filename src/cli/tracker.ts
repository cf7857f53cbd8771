import type { Command } from 'commander';
import { runCommand } from './run-command.ts';
import { SettingOption } from './setting-option.ts';

/** The flags of the command that are no settings. */
interface TrackerFlags {
  readonly checkConfig?: true;
}

export function addTrackerCommand(program: Command): void {
  program
    .command('tracker')
    .summary('run a tracker')
    .description(
      'Runs a tracker, which knows who has which file and tells those who want it. Ctrl-C stops it.',
    )
    .addOption(new SettingOption('--bind <address>', 'tracker.bind'))
    // The older name of --bind.
    .addOption(new SettingOption('--host <address>', 'tracker.bind').conflicts('bind').hideHelp())
    .addOption(new SettingOption('--port <port>', 'tracker.port'))
    .addOption(new SettingOption('--web-port <port>', 'tracker.webPort'))
    .addOption(new SettingOption('--state-dir <folder>', 'tracker.stateDir'))
    .addOption(new SettingOption('--tokens <file>', 'tracker.tokens'))
    .addOption(new SettingOption('--store <kind>', 'tracker.store'))
    .addOption(new SettingOption('--redis-url <url>', 'tracker.redis.url'))
    .option('--check-config', 'Check the settings and the files that they name, print the settings, and end.')
    .addHelpText('after', '\nExample:\n  $ shoal tracker --port 9910 --web-port 8081\n')
    .action(({ checkConfig }: TrackerFlags, command: Command) =>
      runCommand(
        command,
        async (context) => {
          const { checkTrackerConfig, runTracker } = await import('./run-tracker.ts');
          await (checkConfig === true ? checkTrackerConfig(context) : runTracker(context));
        },
        { holdsHangup: checkConfig !== true, runsLong: checkConfig !== true },
      ),
    );
}
