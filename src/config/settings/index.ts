import { CLIENT_SETTINGS } from './client.ts';
import { LIMIT_SETTINGS } from './limit.ts';
import { LOG_SETTINGS } from './log.ts';
import { SEEDER_SETTINGS } from './seeder.ts';
import { TRACKER_SETTINGS } from './tracker.ts';

/**
 * Every setting: its name, how its text is read, its default and what it is for. A setting is declared here and nowhere
 * else; the file's reader, the names of environment variables and the printed reference all follow from it.
 */
export const SETTINGS = {
  ...TRACKER_SETTINGS,
  ...SEEDER_SETTINGS,
  ...CLIENT_SETTINGS,
  ...LIMIT_SETTINGS,
  ...LOG_SETTINGS,
};

/** The older names of settings, which may still be given. */
export const OLDER_KEYS: Readonly<Record<string, keyof typeof SETTINGS>> = {
  'tracker.host': 'tracker.bind',
};
