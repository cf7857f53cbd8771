export type {
  PeerRole,
  SwarmAnswer,
  SwarmPeer,
  SwarmQuestion,
  SwarmStore,
  SwarmStoreStats,
} from './swarm-store.ts';
