/** Bytes of the longest extended handshake that is read; those in use have a few hundred. @see BEP 10 */
export const MAX_EXTENDED_HANDSHAKE_BYTES = 16 * 1024;

/** Bencoded values in an extended handshake. */
export const MAX_EXTENDED_HANDSHAKE_VALUES = 1024;

/** Extensions in an `m`; more are ignored. */
export const MAX_EXTENSIONS = 64;

/** Bytes of an extension's name; an entry with a longer one is ignored. */
export const MAX_EXTENSION_NAME_BYTES = 64;

/** Bytes of a client's name and version in `v`; a longer one is ignored. */
export const MAX_VERSION_BYTES = 128;

/** The highest `reqq` that is believed: a greater one counts as this. */
export const MAX_REQQ = 65_536;

/** Greatest `metadata_size`; a greater one is ignored. As large as a `.torrent` may be. @see BEP 9 */
export const MAX_METADATA_BYTES = 16 * 1024 * 1024;
