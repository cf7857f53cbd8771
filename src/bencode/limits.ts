/** The most bytes of input that `decode()` takes by default. */
export const MAX_BENCODE_BYTES = 16 * 1024 * 1024;
/** The deepest nesting of lists and dictionaries; a v2 file tree needs 4 levels and the depth of its paths. */
export const MAX_BENCODE_DEPTH = 64;
/** The most values in one input, not counting keys: two bytes of input can take 200 bytes of memory. */
export const MAX_BENCODE_VALUES = 100_000;
/** The largest integer: that of signed 64 bits, as in every other implementation. BEP 3 names no limit. */
export const MAX_BENCODE_INTEGER = 2n ** 63n - 1n;
/** The smallest integer: that of signed 64 bits. */
export const MIN_BENCODE_INTEGER = -(2n ** 63n);
