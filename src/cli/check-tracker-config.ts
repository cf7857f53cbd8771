import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  badValue,
  ConfigError,
  formatOrigin,
  type LoadedConfig,
  SETTING_KEYS,
  type SettingKey,
} from '../config/index.ts';
import {
  checkCertificate,
  checkTrackerRules,
  readInfoHashList,
  readTokens,
  TrackerError,
} from '../tracker/index.ts';
import { withoutTokens } from '../tracker-protocol/index.ts';
import { toError } from '../util/index.ts';
import { formatTable } from './format.ts';
import type { CommandContext } from './run-command.ts';
import { optionsOf, rulesOf } from './tracker-settings.ts';

/**
 * Says with which settings the tracker would run, and from where each is, without running it.
 *
 * @throws {ConfigError} with all that it could not run with
 */
export async function checkTrackerConfig({ output, ...config }: CommandContext): Promise<void> {
  const keys = SETTING_KEYS.filter((key) => /^(tracker|log)\./.test(key) && key !== 'tracker.url');
  const rows = keys.map((key): [SettingKey, string, string] => [
    key,
    withoutPassword(config.texts[key]),
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

/** A URL as it can be shown to anyone. */
function withoutPassword(text: string): string {
  return withoutTokens(text).replaceAll(/(:\/\/[^:/@\s]*:)[^/@\s]*@/g, '$1***@');
}

async function findFaults({ settings, origins }: LoadedConfig): Promise<ConfigError[]> {
  const faults: ConfigError[] = [];
  const check = async (key: SettingKey, work: (text: string) => Promise<unknown>): Promise<void> => {
    const value = settings[key];
    if (typeof value !== 'string') return;
    try {
      await work(value);
    } catch (thrown) {
      faults.push(badValue(key, origins[key], `cannot be used: ${toError(thrown).message}`));
    }
  };
  try {
    checkTrackerRules(rulesOf(settings));
  } catch (thrown) {
    if (!(thrown instanceof TrackerError)) throw thrown;
    faults.push(new ConfigError('BAD_VALUE', thrown.message, { cause: thrown }));
  }
  await check('tracker.stateDir', checkFolder);
  await check('tracker.allowList', readInfoHashList);
  await check('tracker.denyList', readInfoHashList);
  await check('tracker.tokens', readTokens);
  if (settings['tracker.private'] && settings['tracker.tokens'] === undefined) {
    faults.push(
      badValue('tracker.private', origins['tracker.private'], 'needs tracker.tokens, which is not set'),
    );
  }
  try {
    const { tls } = optionsOf(settings);
    if (tls !== undefined) await checkCertificate(tls);
  } catch (thrown) {
    const error = toError(thrown);
    faults.push(
      error instanceof ConfigError ? error : new ConfigError('BAD_VALUE', error.message, { cause: error }),
    );
  }
  return faults;
}

/** A folder that can be written to, or made. */
async function checkFolder(path: string): Promise<void> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && folder !== dirname(folder)) return undefined;
      throw error;
    });
    if (found === undefined) continue;
    if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
    return access(folder, constants.W_OK | constants.X_OK);
  }
}
