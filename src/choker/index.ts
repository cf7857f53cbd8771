export { Choker, type ChokerOptions } from './choker.ts';
export type { ChokerPeer } from './choker-peer.ts';
export { type RequestedPieces, ServeOrder } from './serve-order.ts';
