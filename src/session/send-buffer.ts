/**
 * Bytes waiting to leave above which no further block is handed over, divided among the peers that take blocks of one
 * torrent: what has been handed over cannot give way any more to what would be better to send.
 */
export const SEND_BUFFER_BYTES = 1024 * 1024;
/** The least that each of many peers may have waiting to leave. */
export const MIN_SEND_BUFFER_BYTES = 64 * 1024;
