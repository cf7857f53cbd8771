/* Limits of what a tracker answers, or somebody who pretends to be one. */

/** Bytes of an answer of the web API: a registration's, in which all torrents are missing, is 4.3 MB. */
export const MAX_REGISTRY_RESPONSE_BYTES = 16 * 1024 * 1024;
/** Bytes of one page of torrents or seeders, or of a torrent and who holds it: 1,000 entries with long names. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Bytes of the answer to a call that failed in which the tracker's own words are looked for. */
export const MAX_PROBLEM_BYTES = 64 * 1024;
/** Lists and objects in each other, in any answer. */
export const MAX_RESPONSE_DEPTH = 8;
/** Values in a page for each entry that it may have; an entry has eight, and a tracker to come may give more. */
export const MAX_VALUES_PER_ENTRY = 16;
/** Pages that are asked for one after the other; bytes of all of them are at most {@link MAX_REGISTRY_RESPONSE_BYTES}. */
export const MAX_PAGES = 100;
/** Answers that only say that an answer is to come, such as `100 Continue`, in a request over HTTP. */
export const MAX_INTERIM_RESPONSES = 16;
/** Bytes of an answer for which there is memory from the start. */
export const FIRST_RESPONSE_BYTES = 8 * 1024;
