export { claimantOf, isLoopback, reachableHost } from './address-policy.ts';
export { AnnounceLogic, type AnnouncePolicy, STORE_AWAY } from './announce.ts';
export { type ClientAddress, clientAddressOf } from './client-address.ts';
export { parseLocality } from './locality.ts';
export type { TrackerLogic } from './tracker-logic.ts';
