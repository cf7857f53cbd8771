import { createTracker } from '../tracker/index.ts';
import { type Address, formatAddress } from '../util/index.ts';
import { untilInterrupted } from './interruption.ts';
import type { CommandContext } from './run-command.ts';
import { rulesOf } from './tracker-rules.ts';

export async function runTracker({ settings, output, onWarning, signal }: CommandContext): Promise<void> {
  await using tracker = await createTracker({
    ...rulesOf(settings),
    host: settings['tracker.host'],
    port: settings['tracker.port'],
    webPort: settings['tracker.webPort'],
    stateDir: settings['tracker.stateDir'],
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
