export {
  MAX_PEERS,
  MAX_PEERS_PER_SWARM,
  MAX_SWARMS,
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
