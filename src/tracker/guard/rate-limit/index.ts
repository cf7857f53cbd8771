export {
  AbuseLimits,
  type AbuseStats,
  type AddressBudget,
  TLS_HANDSHAKE_COST,
} from './abuse-limits.ts';
export { FairTable, type Seat, type Sitter } from './fair-table.ts';
export { HeldBytes, type Holder, Holding, MAX_HELD_BYTES_PER_ADDRESS } from './held-bytes.ts';
export { KeptBytes, type KeptBytesLimits, type KeptPart } from './kept-bytes.ts';
export type { RequestLimiter } from './request-limiter.ts';
export { tooManyRequests } from './too-many-requests.ts';
