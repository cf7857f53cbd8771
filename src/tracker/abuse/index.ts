export {
  AbuseLimits,
  type AbuseStats,
  type AddressBudget,
  DEFAULT_CONNECTIONS_PER_ADDRESS,
  DEFAULT_REQUEST_BURST,
  DEFAULT_REQUESTS_PER_SECOND,
} from './abuse-limits.ts';
export { tooManyRequests } from './too-many-requests.ts';
