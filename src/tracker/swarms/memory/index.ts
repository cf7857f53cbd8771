export {
  type MemorySwarmLimits,
  MemorySwarmStore,
  type MemorySwarmStoreOptions,
} from './memory-swarm-store.ts';
export { COUNTS_BYTES } from './swarm-counts.ts';
export { SwarmSnapshot, type SwarmSnapshotOptions } from './swarm-snapshot.ts';
