import { CLIENT_SETTINGS } from './client.ts';
import { LIMIT_SETTINGS } from './limit.ts';
import { LOG_SETTINGS } from './log.ts';
import { SEEDER_SETTINGS } from './seeder.ts';
import { TRACKER_SETTINGS } from './tracker.ts';

/**
 * Every setting: its name, how its text is read, its default and what it is for. The one place where a setting is
 * declared; the file's reader, the names of environment variables and the printed reference all follow from it.
 */
export const SETTINGS = {
  ...TRACKER_SETTINGS,
  ...SEEDER_SETTINGS,
  ...CLIENT_SETTINGS,
  ...LIMIT_SETTINGS,
  ...LOG_SETTINGS,
};

/** Names under which a setting was known before, and may still be given. */
export const OLDER_KEYS: Readonly<Record<string, keyof typeof SETTINGS>> = {
  'tracker.host': 'tracker.bind',
};
