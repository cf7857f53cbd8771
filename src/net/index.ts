export type { Connection, ConnectionHandler, Listener, Network } from './connection.ts';
export { NetworkError } from './network-error.ts';
export { READ_BUFFER_BYTES, tcpNetwork } from './tcp-network.ts';
