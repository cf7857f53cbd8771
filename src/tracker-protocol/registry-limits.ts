/* Limits of the web API, for both ends. */

/** Torrents in one registration. */
export const MAX_TORRENTS_PER_SEEDER = 100_000;
/** Bytes of a registration by an access token, and of a renewal; what does not fit is uploaded torrent by torrent. */
export const MAX_REGISTRATION_BYTES = 64 * 1024 * 1024;
/**
 * Bytes of a registration without an access token, some 20,000 torrents. A seeder that holds more renews the registration
 * at once, with all it holds: then it has a token.
 */
export const MAX_OPEN_REGISTRATION_BYTES = 4 * 1024 * 1024;
/** Bytes of a metainfo in a registration; a larger one counts as left out, and is uploaded by itself. */
export const MAX_INLINE_METAINFO_BYTES = 128 * 1024;
/** Bytes of one metainfo that comes over the network. A `.torrent` on a disk may be larger, see `MAX_METAINFO_BYTES`. */
export const MAX_REGISTERED_METAINFO_BYTES = 16 * 1024 * 1024;
/** Torrents or seeders in one answer. */
export const MAX_PAGE = 1000;
