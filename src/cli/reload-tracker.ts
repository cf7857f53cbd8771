import { closeSync, openSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../config/index.ts';
import type { Tracker } from '../tracker/index.ts';
import { toError, withoutSecrets } from '../util/index.ts';
import type { CommandContext } from './run-command.ts';
import type { LoadedSettings } from './settings.ts';
import { RELOADED_KEYS, RESTART_KEYS, rulesOf } from './tracker-settings.ts';

/**
 * Makes SIGHUP read the settings of the command again and apply them to the tracker. If a setting cannot be used, nothing
 * changes. Settings that need a restart keep their values. Both are logged. If the terminal of the command is gone, SIGHUP
 * stops the tracker.
 *
 * @param starting the tracker; a reload that comes while it starts waits for it
 */
export function reloadOnHangup(starting: Promise<Tracker>, context: CommandContext): void {
  const { signal, onWarning, takeHangup } = context;
  let running: LoadedSettings = context;
  // Reloads follow one another, so that the last one counts.
  let last = Promise.resolve();
  const hadTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  takeHangup(() => {
    if (hadTerminal && !hasTerminal()) {
      // The window of the terminal was closed, which is no request to reload settings.
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    last = last.then(async () => {
      // The code that starts the tracker reports why there is none.
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

/** Reads the settings again and applies them to the tracker. @returns the settings that hold now */
async function reload(
  tracker: Tracker,
  { log, output, reload }: CommandContext,
  running: LoadedSettings,
): Promise<LoadedSettings> {
  const loaded = await reload(({ settings }) => tracker.reload(rulesOf(settings)));
  const isChanged = (key: keyof LoadedSettings['settings']): boolean =>
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
  // Settings that need a restart keep their values.
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
