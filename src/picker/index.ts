export type { PickerPeer } from './picker-peer.ts';
export { PiecePicker } from './piece-picker.ts';
