import { encodeMetainfo, type Metainfo } from '../../metainfo/index.ts';

/**
 * Makes the metainfo that the catalog stores: only the parts that the info-hash vouches for, the `info` dictionary and the
 * piece layers. Otherwise the seeder that brings it first could name trackers for all clients that fetch it.
 */
export function vouchedMetainfo(metainfo: Metainfo): Uint8Array {
  return encodeMetainfo(metainfo, {});
}
