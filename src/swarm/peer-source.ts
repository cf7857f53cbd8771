/**
 * A kind of source that tells of peers.
 *
 * - `user` the user named the peer
 * - `registry` the tracker that a download was looked up at named it as a seeder of the torrent
 * - `tracker` a tracker named it in its response to an announce
 */
export type PeerSourceKind = 'user' | 'registry' | 'tracker';
