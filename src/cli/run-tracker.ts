import { ConfigError } from '../config/index.ts';
import { createTracker, type Tracker } from '../tracker/index.ts';
import { type Address, formatAddress } from '../util/index.ts';
import { findFaults } from './check-tracker-config.ts';
import { inlineMore } from './inline-more.ts';
import { untilInterrupted } from './interruption.ts';
import { reloadOnHangup } from './reload-tracker.ts';
import type { CommandContext } from './run-command.ts';
import { optionsOf } from './tracker-settings.ts';

// These are exported here so that one file loads everything that needs the tracker. Other commands do not load it.
export { checkTrackerConfig } from './check-tracker-config.ts';
export { runCreateToken, runListTokens, runRevokeToken } from './run-token.ts';

/**
 * The milliseconds in which a tracker must answer open requests and write its state, after `tracker.drainDelay`.
 */
const STOPPING_MS = 30_000;

export async function runTracker(context: CommandContext): Promise<void> {
  inlineMore();
  const { settings, output, signal } = context;
  const starting = startTracker(context);
  // This is done at once, because a signal without a listener ends the process.
  reloadOnHangup(starting, context);
  await using tracker = await starting;
  context.takeTimeToStop(STOPPING_MS + 1000 * (settings['tracker.drainDelay'] ?? 0));
  const { address, webAddress, url } = tracker;
  const webUrl = webAddress && urlLike(url, webAddress);
  output.tell(
    'listening',
    { ...address, url, ...(webAddress && { webPort: webAddress.port, webUrl }) },
    `Tracker listening on ${url}${webUrl === undefined ? '' : `, web API on ${webUrl}/api/v1/seeders`}${whereElse(address)}`,
  );
  await untilInterrupted(signal);
  if (settings['tracker.drainDelay'] !== undefined) output.tell('draining', {}, 'Tracker is about to stop');
  await tracker.close();
  output.tell('stopped', {}, 'Tracker stopped');
}

/**
 * Starts the tracker that the settings describe.
 *
 * @throws {ConfigError} with all faults that `--check-config` finds; otherwise the error of {@link createTracker}
 */
async function startTracker(context: CommandContext): Promise<Tracker> {
  const { settings, log, onWarning } = context;
  const onNotice = (message: string): void => log.info(message);
  try {
    return await createTracker({ ...optionsOf(settings), onError: onWarning, onNotice });
  } catch (thrown) {
    ConfigError.throwAny(await findFaults(context));
    throw thrown;
  }
}

/** Makes the note for a tracker that listens on all addresses, because its URL names only one. */
function whereElse({ host }: Address): string {
  return host === '::' || host === '0.0.0.0' ? ' (on all addresses of this machine)' : '';
}

/** Makes the URL of the same machine at another port. */
function urlLike(url: string, { port }: Address): string {
  const { hostname, protocol } = new URL(url);
  return `${protocol}//${formatAddress({ host: hostname.replace(/^\[|\]$/g, ''), port })}`;
}
