/* The limits for the responses of a tracker, or of somebody who pretends to be one. */

/** The most bytes of a response of the web API. That to a registration in which all torrents are missing has 4.3 MB. */
export const MAX_REGISTRY_RESPONSE_BYTES = 16 * 1024 * 1024;
/** The most bytes of a page of torrents or seeders, or of a torrent with its seeders: 1,000 entries with long names. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** The most bytes of the response to a failed call that are searched for the tracker's own words. */
export const MAX_PROBLEM_BYTES = 64 * 1024;
/** The deepest nesting of lists and objects in a response. */
export const MAX_RESPONSE_DEPTH = 8;
/** The most values in a page for each entry that it may have. An entry has eight; a future tracker may give more. */
export const MAX_VALUES_PER_ENTRY = 16;
/** The most pages that one look-up asks for. All of them together have at most {@link MAX_REGISTRY_RESPONSE_BYTES}. */
export const MAX_PAGES = 100;
/** The most interim responses to one HTTP request, such as `100 Continue`. */
export const MAX_INTERIM_RESPONSES = 16;
/** The bytes for which there is memory before a response arrives. */
export const FIRST_RESPONSE_BYTES = 8 * 1024;
