import { closeSync, openSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type LoadedConfig } from '../config/index.ts';
import type { Tracker } from '../tracker/index.ts';
import { toError, withoutSecrets } from '../util/index.ts';
import type { CommandContext } from './run-command.ts';
import { RELOADED_KEYS, RESTART_KEYS, rulesOf } from './tracker-settings.ts';

/**
 * From now on, SIGHUP makes the command read its settings again, and the tracker go by them. Settings that cannot be used
 * change nothing, and those that take a restart stay as they are: either is logged. When its terminal is gone it stops.
 *
 * @param starting what is asked of a tracker that is not there yet is done when it is
 */
export function reloadOnHangup(starting: Promise<Tracker>, context: CommandContext): void {
  const { signal, onWarning, takeHangup } = context;
  let running: LoadedConfig = context;
  // One after the other: the last one asked for is the one that counts.
  let last = Promise.resolve();
  const hadTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  takeHangup(() => {
    if (hadTerminal && !hasTerminal()) {
      // The window it was started in is closed: that is no wish to reload.
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    last = last.then(async () => {
      // Why there is none is told to whoever starts it.
      const tracker = await starting.catch(() => undefined);
      if (tracker === undefined || signal.aborted) return;
      try {
        running = await reload(tracker, context, running);
      } catch (thrown) {
        const error = toError(thrown);
        const faults = error instanceof ConfigError ? error.faults : [error];
        for (const fault of faults) onWarning(fault, 'reload the settings, all stay as they were');
      }
    });
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    return false;
  }
}

/** @returns what holds now */
async function reload(
  tracker: Tracker,
  { log, output, reload }: CommandContext,
  running: LoadedConfig,
): Promise<LoadedConfig> {
  const loaded = await reload(({ settings }) => tracker.reload(rulesOf(settings)));
  const isChanged = (key: keyof LoadedConfig['settings']): boolean =>
    !isDeepStrictEqual(loaded.settings[key], running.settings[key]);
  for (const key of RESTART_KEYS.filter(isChanged)) {
    const [found, stays] = [loaded, running].map(({ texts }) => JSON.stringify(withoutSecrets(texts[key])));
    log.warn(`${key} takes a restart: it stays ${stays}, not ${found}`);
  }
  const changed = [...RELOADED_KEYS, 'log.level' as const, 'log.sample' as const].filter(isChanged);
  output.tell(
    'reloaded',
    { changed },
    `Settings reloaded: ${changed.length === 0 ? 'nothing has changed' : changed.join(', ')}`,
  );
  // What takes a restart is as it was.
  const kept = <Values extends object>(now: Values, before: Values): Values => ({
    ...now,
    ...Object.fromEntries(RESTART_KEYS.map((key) => [key, before[key as keyof Values]])),
  });
  return {
    settings: kept(loaded.settings, running.settings),
    texts: kept(loaded.texts, running.texts),
    origins: kept(loaded.origins, running.origins),
    notices: loaded.notices,
  };
}
