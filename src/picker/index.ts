export type { PickerPeer } from './picker-peer.ts';
export { type PieceBuffers, PiecePicker, type PiecePickerOptions, type Receipt } from './piece-picker.ts';
