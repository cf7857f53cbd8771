export type { Greeting } from './connected-peer.ts';
export { ConnectionSlots } from './connection-slots.ts';
export { dontHave } from './dont-have.ts';
export { shakeHands } from './handshaking.ts';
export type { RetainedBytes } from './message-sender.ts';
export { originOf } from './origin.ts';
export { PeerConnection } from './peer-connection.ts';
export { PEER_END_WORDS, type PeerEnd, type PeerSummary } from './peer-end.ts';
export type { BlockTaker, HashTaker, PeerTakers, RequestTaker } from './peer-events.ts';
export { PeerExtensions } from './peer-extensions.ts';
export { makePeerId } from './peer-id.ts';
export type { PeerSourceKind } from './peer-source-kind.ts';
export { ReportLimit } from './report-limit.ts';
export { SendMemory } from './send-memory.ts';
export { isFault, Swarm, type SwarmOwner } from './swarm.ts';
export {
  HURRIED_HANDSHAKE_MS,
  MAX_UNVERIFIED_CONNECTIONS,
  UnverifiedConnection,
} from './unverified-connection.ts';
export { peersToCut } from './waiting-bytes.ts';
export { CONNECTION_PIECES_PER_UNIT, CONNECTION_WORK, WorkBudgets } from './work-budget.ts';
