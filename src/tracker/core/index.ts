export { claimantOf, isLoopback, reachableHost } from './address-policy.ts';
export {
  type AnnouncePolicy,
  type Sender,
  STORE_AWAY,
  senderAt,
  TrackerLogic,
} from './announce.ts';
export { parseLocality } from './locality.ts';
