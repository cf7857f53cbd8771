export { claimantOf, isLoopback, reachableHost } from './address-policy.ts';
export {
  type AnnouncePolicy,
  type ClientAddress,
  clientAddressOf,
  STORE_AWAY,
  TrackerLogic,
} from './announce.ts';
export { parseLocality } from './locality.ts';
