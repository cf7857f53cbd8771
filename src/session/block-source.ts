import type { PickerPeer } from '../picker/index.ts';

/**
 * A source of blocks: who sent what is told by it, and it is judged by what came of it. A connected peer is one. A web seed,
 * which gives runs of pieces, will be another one, and is no peer.
 */
export interface BlockSource extends PickerPeer {
  /** Its name for people. */
  readonly name: string;
}
