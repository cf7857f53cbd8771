import type { LoadedSettings } from './settings.ts';

/**
 * Finds the trackers to use for a torrent that may name trackers of its own: `tracker.url` if a flag, the environment or the
 * file sets it. It returns `undefined` otherwise, because the default, a tracker on this machine, is not meant then.
 */
export function givenTracker({ settings, origins }: LoadedSettings): readonly string[] | undefined {
  return origins['tracker.url'].kind === 'default' ? undefined : settings['tracker.url'];
}
