/** The bytes of a `piece` message before its block: length, id, index and begin. @see BEP 3 */
export const PIECE_HEADER_BYTES = 13;

/** The most bytes of a block. A peer that sends a longer one breaks the protocol; a request for a longer one is rejected. */
export const MAX_BLOCK_LENGTH = 128 * 1024;

/** The most bytes of an `extended` message, ids included, that is held in memory. @see BEP 10 */
export const MAX_EXTENDED_BYTES = 1024 * 1024;

/** The most units of work that the bytes of one read may cause, see `MESSAGE_WORK`. More is a protocol error. */
export const MAX_WORK_AT_ONCE = 250_000;

/** The most bytes of a message of an unknown kind, which is skipped without being held. */
export const MAX_UNKNOWN_BYTES = 1024 * 1024;

/** The most hashes in one `hashes` message: the 512 that a request may ask for, and the uncles of its proof. @see BEP 52 */
export const MAX_HASHES = 1024;

/** The most hash requests to one peer that are not answered yet. Each asks for up to 512 hashes. @see BEP 52 */
export const MAX_OUTSTANDING_HASH_REQUESTS = 64;

/** The most requests of a peer that we queue: our `reqq`. More are rejected, or dropped without BEP 6. @see BEP 10 */
export const MAX_QUEUED_REQUESTS = 2000;

/**
 * The most requests of a peer while we choke it. More are a protocol error. A full pipeline may be on its way when we
 * choke.
 */
export const MAX_CHOKED_REQUESTS = 2 * MAX_QUEUED_REQUESTS;

/** The most requests of a peer for bytes that no block has, without a good request between them. More are a protocol error. */
export const MAX_BAD_REQUESTS = 300;

/**
 * The most blocks and rejects of a peer that answer none of our requests. More are a protocol error. Each good block
 * forgives one. The same limit holds for hashes, and there none is forgiven.
 */
export const MAX_STRAY_ANSWERS = 64;

/** The most cancelled requests whose late answers we still recognise. Then the oldest are forgotten. */
export const MAX_ABANDONED_REQUESTS = 4096;

/** The most pieces that a peer may name as allowed fast; more are ignored. @see BEP 6 */
export const MAX_ALLOWED_FAST = 128;

/** The milliseconds without sending after which we send a keep-alive: well before the two minutes of BEP 3. */
export const KEEP_ALIVE_INTERVAL_MS = 100_000;

/** The milliseconds without a byte after which the peer counts as dead: two missing keep-alives. */
export const PEER_SILENCE_LIMIT_MS = 240_000;
