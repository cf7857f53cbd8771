export type {
  PeerRole,
  RecordHolder,
  SwarmAnswer,
  SwarmLimitsMet,
  SwarmPeer,
  SwarmQuestion,
  SwarmStore,
  SwarmStoreStats,
} from './swarm-store.ts';
