/**
 * The tracker: who is in which swarm, and what registered seeders hold.
 *
 * @module
 */
export {
  createTracker,
  DEFAULT_ANNOUNCE_INTERVAL,
  DEFAULT_SEEDER_EXPIRY,
  type Tracker,
  type TrackerOptions,
} from './create-tracker.ts';
export { TrackerError } from './tracker-error.ts';
