import { mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { toError } from '../util/index.ts';
import { TrackerStartError } from './errors/index.ts';
import { parseProxies } from './frontends/client-address/index.ts';
import { checkCertificate } from './frontends/index.ts';
import { WebPageRules } from './frontends/web-api/index.ts';
import { readInfoHashList, readTokens } from './guard/access/index.ts';
import { folderFault, lockFolder } from './persistence/index.ts';
import { checkStores } from './stores.ts';
import { accessOf, checkPort, type TrackerOptions } from './tracker-options.ts';
import { policyOf, seconds } from './tracker-policy.ts';

/** A fault of the options that a tracker cannot run with. */
export interface OptionFault {
  readonly option: keyof TrackerOptions;
  readonly error: Error;
}

/**
 * Finds out whether a tracker could run with these options, and their files, without starting one: nothing is left behind or
 * changed, no port is opened and no server asked.
 *
 * @returns all the faults that would keep it from running
 */
export async function checkTrackerOptions(options: TrackerOptions): Promise<readonly OptionFault[]> {
  const { port = 0, webPort = 0, drainDelay = 0, trustedProxies = [] } = options;
  const { allowList, denyList, tokens, tls, stateDir } = options;
  const checks: readonly (readonly [OptionFault['option'], check: () => unknown])[] = [
    ['port', () => checkPort('port', port)],
    ['webPort', () => checkPort('webPort', webPort)],
    ['webPort', () => checkPortsDiffer(port, webPort)],
    ['drainDelay', () => seconds('drainDelay', drainDelay, 0)],
    ['limits', () => policyOf(options)],
    ['isPrivate', () => accessOf(options)],
    ['trustedProxies', () => parseProxies(trustedProxies)],
    ['publicHosts', () => new WebPageRules({ publicHosts: options.publicHosts })],
    ['webOrigins', () => new WebPageRules({ webOrigins: options.webOrigins })],
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

/** Checks that the two ports are two; 0 stands for any free one. @throws {TrackerStartError} BAD_OPTION */
function checkPortsDiffer(port: number, webPort: number): void {
  if (port !== webPort || port === 0) return;
  const message = `port and webPort are both ${port}, and only one of them can listen there; name another one, or leave webPort out: the web API is served on port, too`;
  throw new TrackerStartError('BAD_OPTION', message);
}

/**
 * Checks that a tracker can take a folder for itself, by taking a new folder within it, which is removed at once. The
 * folder's permissions do not tell enough: root may do anything by them, and yet cannot write to `/proc`.
 *
 * @throws {TrackerStartError} CANNOT_KEEP_STATE
 */
async function checkFolder(path: string): Promise<void> {
  try {
    const probe = await mkdtemp(join(await existing(resolve(path)), '.shoal-check-'));
    try {
      await (await lockFolder(probe)).close();
      const [own, found] = [await stat(probe), await stat(path).catch(() => undefined)];
      const fault = found && folderFault(found, own.uid);
      if (fault !== undefined) throw new Error(fault);
    } finally {
      await rm(probe, { recursive: true });
    }
  } catch (thrown) {
    const { message, cause = thrown } = toError(thrown);
    const found = cause instanceof Error ? cause.message : message;
    throw new TrackerStartError('CANNOT_KEEP_STATE', `Cannot keep state in ${path}: ${found}`, {
      cause: thrown,
    });
  }
}

/** Finds the folder itself, or the nearest folder above it that exists. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || folder === dirname(folder)) throw error;
  });
  if (found === undefined) return existing(dirname(folder));
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  return folder;
}
