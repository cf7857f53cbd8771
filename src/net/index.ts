export { closeServer } from './close-server.ts';
export {
  type Connection,
  type ConnectionHandler,
  type Listener,
  type Network,
  SEND_LOW_WATER_BYTES,
} from './connection.ts';
export type { DatagramHandler, DatagramSocket, Datagrams } from './datagrams.ts';
export {
  type DialRule,
  type GuardedLookup,
  guardedLookup,
  ipOfHost,
  mayDial,
  type NamedBy,
} from './dial-rule.ts';
export { listenError, NetworkError } from './network-error.ts';
export { RateLimiter } from './rate-limiter.ts';
export type { RateShare } from './rate-share.ts';
export { tcpNetwork } from './tcp-network.ts';
export { udpDatagrams } from './udp-datagrams.ts';
