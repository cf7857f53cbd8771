/* Limits of the web API, for both ends. */

/** Torrents in one registration. */
export const MAX_TORRENTS_PER_SEEDER = 100_000;
/** Bytes of one registration request; what does not fit is uploaded torrent by torrent. */
export const MAX_REGISTRATION_BYTES = 64 * 1024 * 1024;
/** Bytes of one metainfo that comes over the network. A `.torrent` on a disk may be larger, see `MAX_METAINFO_BYTES`. */
export const MAX_REGISTERED_METAINFO_BYTES = 16 * 1024 * 1024;
/** Torrents or seeders in one answer. */
export const MAX_PAGE = 1000;
