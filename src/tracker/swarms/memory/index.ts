export {
  MAX_PEERS,
  MAX_PEERS_PER_SWARM,
  MAX_SWARMS,
  MemorySwarmStore,
  type MemorySwarmStoreOptions,
} from './memory-swarm-store.ts';
