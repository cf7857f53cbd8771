/** A key of an announce. */
export interface AnnounceKey {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The number of the key, counted from 0. */
  readonly number: number;
}

const keys: AnnounceKey[] = [];
/** All keys, in the order of their numbers. */
export const ANNOUNCE_KEYS: readonly AnnounceKey[] = keys;

function key(name: string): AnnounceKey {
  const made = { name, bytes: Buffer.from(name), number: keys.length };
  keys.push(made);
  return made;
}

/** @see BEP 3 */
export const INFO_HASH = key('info_hash');
export const PEER_ID = key('peer_id');
export const PORT = key('port');
export const UPLOADED = key('uploaded');
export const DOWNLOADED = key('downloaded');
export const LEFT = key('left');
export const EVENT = key('event');
export const NUM_WANT = key('numwant');
export const IP = key('ip');
export const KEY = key('key');
export const TRACKER_ID = key('trackerid');
/** @see BEP 23 */
export const COMPACT = key('compact');
export const NO_PEER_ID = key('no_peer_id');
