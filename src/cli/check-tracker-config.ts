import {
  badValue,
  ConfigError,
  formatOrigin,
  type LoadedConfig,
  SETTING_KEYS,
  type SettingKey,
} from '../config/index.ts';
import { checkTrackerOptions, type OptionFault } from '../tracker/index.ts';
import { withoutSecrets } from '../util/index.ts';
import { formatTable } from './format.ts';
import type { CommandContext } from './run-command.ts';
import { optionsOf } from './tracker-settings.ts';

/**
 * Says with which settings the tracker would run, and from where each is, without running it.
 *
 * @throws {ConfigError} with all that it could not run with
 */
export async function checkTrackerConfig({ output, ...config }: CommandContext): Promise<void> {
  const keys = SETTING_KEYS.filter((key) => /^(tracker|log)\./.test(key) && key !== 'tracker.url');
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

/** Settings of options that may be at fault although their values are well-formed. */
const KEY_OF: Partial<Record<OptionFault['option'], SettingKey>> = {
  port: 'tracker.port',
  webPort: 'tracker.webPort',
  isPrivate: 'tracker.private',
  trustedProxies: 'tracker.trustedProxies',
  allowList: 'tracker.allowList',
  denyList: 'tracker.denyList',
  tokens: 'tracker.tokens',
  tls: 'tracker.tls.cert',
  stateDir: 'tracker.stateDir',
  redis: 'tracker.redis.url',
};

/** All that a tracker could not run with, as far as it shows without one; nothing is started or changed. */
export async function findFaults({ settings, origins }: LoadedConfig): Promise<readonly ConfigError[]> {
  try {
    const faults = await checkTrackerOptions(optionsOf(settings));
    return faults.map(({ option, error }) => {
      const key = KEY_OF[option];
      return key === undefined
        ? new ConfigError('BAD_VALUE', error.message, { cause: error })
        : badValue(key, origins[key], `cannot be used: ${error.message}`);
    });
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.faults;
    throw thrown;
  }
}
