import { badValue, ConfigError, formatOrigin } from '../config/index.ts';
import { checkTrackerOptions } from '../tracker/index.ts';
import { ACCESS, CLIENTS, LISTENING, REDIS, TLS } from '../tracker/settings.ts';
import { withoutSecrets } from '../util/index.ts';
import { formatTable } from './format.ts';
import type { CommandContext } from './run-command.ts';
import { type LoadedSettings, SETTINGS, type SettingKey } from './settings.ts';
import { findTlsFault, optionsOf, withoutTls } from './tracker-settings.ts';

/**
 * Prints the settings with which the tracker would run, each with its origin, without running it.
 *
 * @throws {ConfigError} with all faults of {@link findFaults}
 */
export async function checkTrackerConfig({ output, ...config }: CommandContext): Promise<void> {
  const keys = SETTINGS.keys.filter((key) => /^(tracker|log)\./.test(key));
  const rows = keys.map((key): [SettingKey, string, string] => [
    key,
    withoutSecrets(config.texts[key]),
    formatOrigin(config.origins[key]),
  ]);
  if (output.isJson) {
    for (const [key, value, origin] of rows) output.print({ event: 'setting', key, value, origin }, []);
  } else {
    output.print({}, formatTable(['setting', 'value', 'from'], rows));
  }
  ConfigError.throwAny(await findFaults(config));
  output.tell('checked', {}, 'The tracker can run with these settings');
}

/** The settings of options that can be wrong although their values are well-formed. */
const KEY_OF: Readonly<Record<string, SettingKey | undefined>> = {
  ...keysOf(LISTENING),
  ...keysOf(CLIENTS),
  ...keysOf(ACCESS),
  tls: TLS.cert.key,
  redis: REDIS.url.key,
};

function keysOf<Key extends SettingKey>(
  rows: Readonly<Record<string, { readonly key: Key }>>,
): Record<string, Key> {
  return Object.fromEntries(Object.entries(rows).map(([option, { key }]) => [option, key]));
}

/** Finds the settings with which a tracker could not run, as far as that shows without a start. It changes nothing. */
export async function findFaults({ settings, origins }: LoadedSettings): Promise<readonly ConfigError[]> {
  const tls = findTlsFault(settings);
  const faults = await checkTrackerOptions(optionsOf(tls === undefined ? settings : withoutTls(settings)));
  const found = faults.map(({ option, error }) => {
    const key = KEY_OF[option];
    return key === undefined
      ? new ConfigError('BAD_VALUE', error.message, { cause: error })
      : badValue(key, origins[key], `cannot be used: ${error.message}`);
  });
  return tls === undefined ? found : [badValue(tls.key, origins[tls.key], tls.found), ...found];
}
