export {
  AbuseLimits,
  type AbuseStats,
  type AddressBudget,
  DEFAULT_CONNECTIONS_PER_ADDRESS,
  DEFAULT_REQUEST_BURST,
  DEFAULT_REQUESTS_PER_SECOND,
} from './abuse-limits.ts';
export { KeptBytes, type KeptBytesLimits, type KeptPart } from './kept-bytes.ts';
export { networkOf } from './network-of.ts';
export type { RequestLimiter } from './request-limiter.ts';
export { tooManyRequests } from './too-many-requests.ts';
