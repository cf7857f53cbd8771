import { encodeMetainfo, type Metainfo } from '../../metainfo/index.ts';

/**
 * The metainfo as the catalog keeps it: only what the info-hash vouches for, the `info` dictionary and the piece layers.
 * Otherwise whoever brings it first could name trackers for all who fetch it.
 */
export function vouchedMetainfo(metainfo: Metainfo): Uint8Array {
  return encodeMetainfo(metainfo, {});
}
