/**
 * A kind of source that names peers.
 *
 * - `user` the user
 * - `registry` the registry of the tracker at which the download was looked up
 * - `tracker` a tracker, in its response to an announce
 */
export type PeerSourceKind = 'user' | 'registry' | 'tracker';
