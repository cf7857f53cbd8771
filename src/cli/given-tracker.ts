import type { LoadedSettings } from './settings.ts';

/**
 * Finds the tracker to use for a torrent that may name trackers of its own: `tracker.url` as a flag, the environment or
 * the file sets it. It returns `undefined` when none does, as a tracker is not supposed to run on this machine then.
 */
export function givenTracker({ settings, origins }: LoadedSettings): string | undefined {
  return origins['tracker.url'].kind === 'default' ? undefined : settings['tracker.url'];
}
