/* The limits of the web API, for both ends. */

/** The most torrents in one registration. */
export const MAX_TORRENTS_PER_SEEDER = 100_000;
/**
 * The most bytes of a registration with an access token, and of a renewal; metainfo that does not fit is uploaded torrent by
 * torrent.
 */
export const MAX_REGISTRATION_BYTES = 64 * 1024 * 1024;
/**
 * The most bytes of a registration without an access token, some 20,000 torrents. A seeder that holds more renews at once
 * with its whole list: for that it has the token of its registration.
 */
export const MAX_OPEN_REGISTRATION_BYTES = 4 * 1024 * 1024;
/** The most bytes of a metainfo in a registration; a larger one counts as left out, and is uploaded by itself. */
export const MAX_INLINE_METAINFO_BYTES = 128 * 1024;
/**
 * The most bytes of one metainfo that comes over the network. A `.torrent` on a disk may be larger, see
 * `MAX_METAINFO_BYTES`.
 */
export const MAX_REGISTERED_METAINFO_BYTES = 16 * 1024 * 1024;
/** The most torrents or seeders in one response. */
export const MAX_PAGE = 1000;
