import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Finds the folder for what can be made again, by the rules of the system.
 *
 * @returns `undefined` for a user without a home
 * @see https://specifications.freedesktop.org/basedir-spec/latest/, which also says that a relative path counts as not set
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { XDG_CACHE_HOME: xdg = '', LOCALAPPDATA: local = '' } = environment;
  if (isAbsolute(xdg)) return join(xdg, 'shoal');
  if (process.platform === 'win32' && isAbsolute(local)) return join(local, 'shoal', 'cache');
  try {
    return join(homedir(), '.cache', 'shoal');
  } catch {
    // No entry of this user is in /etc/passwd, as in many containers.
    return undefined;
  }
}
