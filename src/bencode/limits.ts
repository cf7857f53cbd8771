/** Bytes of input that `decode()` takes unless told otherwise. */
export const MAX_BENCODE_BYTES = 16 * 1024 * 1024;
/** How deep lists and dictionaries may stand in each other; a v2 file tree needs 4 and the depth of its paths. */
export const MAX_BENCODE_DEPTH = 64;
/** Values in one input, keys not counted: two bytes of input can take 200 bytes of memory. */
export const MAX_BENCODE_VALUES = 100_000;
/** Integers are signed 64-bit numbers, as in every other implementation; BEP 3 names no limit. */
export const MAX_BENCODE_INTEGER = 2n ** 63n - 1n;
export const MIN_BENCODE_INTEGER = -(2n ** 63n);
