export { claimantOf, isLoopback, reachableHost } from './address-policy.ts';
export {
  type AnnouncePolicy,
  DEFAULT_YOUNG_INTERVAL,
  MAX_NUM_WANT,
  type Sender,
  STORE_AWAY,
  senderAt,
  TrackerLogic,
} from './announce.ts';
export { parseLocality } from './locality.ts';
