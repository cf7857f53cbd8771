import type { PickerPeer } from '../picker/index.ts';

/**
 * A source of blocks, such as a connected peer. The download remembers which source sent which block, and blames the source
 * of a wrong one. A web seed, which gives runs of pieces, will be another source, and is no peer.
 */
export interface BlockSource extends PickerPeer {
  /** Its name for people. */
  readonly name: string;
}
