/** The most bytes of an extended handshake that is read; usual ones have a few hundred. @see BEP 10 */
export const MAX_EXTENDED_HANDSHAKE_BYTES = 16 * 1024;

/** The most bencoded values in an extended handshake. */
export const MAX_EXTENDED_HANDSHAKE_VALUES = 1024;

/** The most extensions in an `m`; more are ignored. */
export const MAX_EXTENSIONS = 64;

/** The most bytes of an extension's name; an entry with a longer one is ignored. */
export const MAX_EXTENSION_NAME_BYTES = 64;

/** The most bytes of a client's name and version in `v`; a longer one is ignored. */
export const MAX_VERSION_BYTES = 128;

/** The highest `reqq` that counts: a greater one is taken as this. */
export const MAX_REQQ = 65_536;

/** The most bytes in `metadata_size`; a greater one is ignored. @see BEP 9 */
export const MAX_METADATA_BYTES = 16 * 1024 * 1024;
