export type {
  PeerRole,
  RecordHolder,
  SwarmLimitsMet,
  SwarmPeer,
  SwarmQuestion,
  SwarmResponse,
  SwarmStore,
  SwarmStoreStats,
} from './swarm-store.ts';
