export { MAX_PEERS_PER_ADDRESS } from './peer-site.ts';
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
