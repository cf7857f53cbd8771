import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { toError } from '../util/index.ts';
import { readInfoHashList, readTokens } from './access/index.ts';
import { checkCertificate } from './certificate.ts';
import { parseProxies } from './senders/index.ts';
import { checkStores } from './stores.ts';
import { TrackerError } from './tracker-error.ts';
import { accessOf, checkPort, type TrackerOptions } from './tracker-options.ts';
import { policyOf, seconds } from './tracker-policy.ts';

/** What a tracker cannot run with. */
export interface OptionFault {
  readonly option: keyof TrackerOptions;
  readonly error: Error;
}

/**
 * Finds out whether a tracker could run with these options, and their files, without starting one: nothing is made or
 * changed, no port is opened and no server asked.
 *
 * @returns all that it could not run with
 */
export async function checkTrackerOptions(options: TrackerOptions): Promise<readonly OptionFault[]> {
  const { port = 0, webPort = 0, drainDelay = 0, trustedProxies = [] } = options;
  const { allowList, denyList, tokens, tls, stateDir } = options;
  const checks: readonly (readonly [OptionFault['option'], check: () => unknown])[] = [
    ['port', () => checkPort('port', port)],
    ['webPort', () => checkPort('webPort', webPort)],
    ['drainDelay', () => seconds('drainDelay', drainDelay, 0)],
    ['limits', () => policyOf(options)],
    ['isPrivate', () => accessOf(options)],
    ['trustedProxies', () => parseProxies(trustedProxies)],
    ['allowList', () => allowList && readInfoHashList(allowList)],
    ['denyList', () => denyList && readInfoHashList(denyList)],
    ['tokens', () => tokens && readTokens(tokens)],
    ['tls', () => tls && checkCertificate(tls)],
    ['stateDir', () => stateDir && checkFolder(stateDir)],
    ['redis', () => checkStores(options)],
  ];
  const faults: OptionFault[] = [];
  for (const [option, check] of checks) {
    try {
      await check();
    } catch (thrown) {
      faults.push({ option, error: toError(thrown) });
    }
  }
  return faults;
}

/** Whether a folder can be written to, or made. @throws {TrackerError} CANNOT_KEEP_STATE */
async function checkFolder(path: string): Promise<void> {
  try {
    await access(await existing(resolve(path)), constants.W_OK | constants.X_OK);
  } catch (thrown) {
    const message = `Cannot keep state in ${path}: ${toError(thrown).message}`;
    throw new TrackerError('CANNOT_KEEP_STATE', message, { cause: thrown });
  }
}

/** The folder itself, or the nearest above it that is there. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || folder === dirname(folder)) throw error;
  });
  if (found === undefined) return existing(dirname(folder));
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  return folder;
}
