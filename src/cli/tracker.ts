import type { Command } from 'commander';
import { type Address, formatAddress } from '../util/index.ts';
import { untilInterrupted } from './interruption.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { SettingOption } from './setting-option.ts';

export function addTrackerCommand(program: Command): void {
  program
    .command('tracker')
    .summary('run a tracker')
    .description('Runs a tracker: it knows who has which file, and tells those who want it. Ctrl-C stops it.')
    .addOption(new SettingOption('--host <host>', 'tracker.host'))
    .addOption(new SettingOption('--port <port>', 'tracker.port'))
    .addOption(new SettingOption('--web-port <port>', 'tracker.webPort'))
    .addHelpText('after', '\nExample:\n  $ shoal tracker --port 9910 --web-port 8081')
    .action((_flags: object, command: Command) => runCommand(command, runTracker));
}

async function runTracker({ settings, output, onWarning, signal }: CommandContext): Promise<void> {
  // What it needs takes as long to load as all else does, and no other command uses it.
  const { createTracker } = await import('../tracker/index.ts');
  const host = settings['tracker.host'];
  await using tracker = await createTracker({
    ...(host !== undefined && { host }),
    port: settings['tracker.port'],
    webPort: settings['tracker.webPort'],
    onError: onWarning,
  });
  const { address, webAddress, url } = tracker;
  const webUrl = webAddress && urlLike(url, webAddress);
  output.tell(
    'listening',
    { ...address, url, ...(webAddress && { webPort: webAddress.port, webUrl }) },
    `Tracker listening on ${url}${webUrl === undefined ? '' : `, web API on ${webUrl}/api/v1/seeders`}`,
  );
  await untilInterrupted(signal);
  output.tell('stopped', {}, 'Tracker stopped');
}

/** The same machine at another port. */
function urlLike(url: string, { port }: Address): string {
  const { hostname } = new URL(url);
  return `http://${formatAddress({ host: hostname.replace(/^\[|\]$/g, ''), port })}`;
}
