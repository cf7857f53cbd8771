export {
  type AddressRange,
  formatAddressRange,
  isInAnyRange,
  isInRange,
  parseAddressRange,
} from './address-range.ts';
export type {
  PeerRole,
  SwarmAnswer,
  SwarmLimitsMet,
  SwarmPeer,
  SwarmQuestion,
  SwarmStore,
  SwarmStoreStats,
} from './swarm-store.ts';
