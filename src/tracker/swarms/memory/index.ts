export {
  type MemorySwarmLimits,
  MemorySwarmStore,
  type MemorySwarmStoreOptions,
} from './memory-swarm-store.ts';
export { COUNTS_BYTES } from './swarm-counts.ts';
export {
  MAX_SNAPSHOT_BYTES,
  SnapshotError,
  SwarmSnapshot,
  type SwarmSnapshotOptions,
} from './swarm-snapshot.ts';
