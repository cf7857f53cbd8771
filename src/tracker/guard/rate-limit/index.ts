export {
  type AddressBudget,
  type AddressLimitStats,
  AddressLimits,
  TLS_HANDSHAKE_COST,
} from './address-limits.ts';
export {
  type BufferedConnection,
  ConnectionBuffer,
  ConnectionBuffers,
  MAX_HELD_BYTES_PER_ADDRESS,
} from './connection-buffers.ts';
export { FairTable, type Seat, type Sitter } from './fair-table.ts';
export type { RequestLimiter } from './request-limiter.ts';
export { tooManyRequests } from './too-many-requests.ts';
export { type UploadBuffer, type UploadBufferLimits, UploadBuffers } from './upload-buffers.ts';
