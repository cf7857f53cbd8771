/** Bytes of a `piece` message before its block: length, id, index and begin. @see BEP 3 */
export const PIECE_HEADER_BYTES = 13;

/** Bytes of the longest block a peer may send to us, or request of us: a longer one is a protocol error, or is rejected. */
export const MAX_BLOCK_LENGTH = 128 * 1024;

/** Bytes of the longest `extended` message (ids included) that is held in memory. @see BEP 10 */
export const MAX_EXTENDED_BYTES = 1024 * 1024;

/** Units of work, see `MESSAGE_WORK`, that what comes in one read may make before it is a protocol error. */
export const MAX_WORK_AT_ONCE = 250_000;

/** Bytes of the longest message of an unknown kind; up to here it is skipped without being held. */
export const MAX_UNKNOWN_BYTES = 1024 * 1024;

/** Hashes in one `hashes` message: the 512 that a request should not exceed, and the uncle hashes of its proof. @see BEP 52 */
export const MAX_HASHES = 1024;

/** Hashes we have asked a peer for that have not come: messages, each of up to 512 hashes. @see BEP 52 */
export const MAX_OUTSTANDING_HASH_REQUESTS = 64;

/** Requests of a peer that wait for us at once: our `reqq`. More are rejected, or without BEP 6 dropped. @see BEP 10 */
export const MAX_QUEUED_REQUESTS = 2000;

/** Requests from a peer while we choke it before it is a protocol error; a full pipeline may be on its way when we choke. */
export const MAX_CHOKED_REQUESTS = 2 * MAX_QUEUED_REQUESTS;

/** Requests for bytes that no block has, without a good one between them, before it is a protocol error. */
export const MAX_BAD_REQUESTS = 300;

/**
 * Blocks and rejects that answer none of our requests before it is a protocol error; each good block forgives one. Of
 * hashes as many, and none is forgiven.
 */
export const MAX_STRAY_ANSWERS = 64;

/** Requests given up by us whose late answers are still recognised; beyond, the oldest are forgotten. */
export const MAX_ABANDONED_REQUESTS = 4096;

/** Pieces a peer may name as allowed fast; more are ignored. @see BEP 6 */
export const MAX_ALLOWED_FAST = 128;

/** Milliseconds without sending after which a keep-alive goes out: well before the two minutes of BEP 3. */
export const KEEP_ALIVE_INTERVAL_MS = 100_000;

/** Milliseconds without receiving after which the peer counts as dead: two keep-alives that did not come. */
export const PEER_SILENCE_LIMIT_MS = 240_000;
