/** The kind of a packet. @see BEP 15 */
export const UDP_ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;

/** Where the connection id would be, a connect request has this. @see BEP 15 */
export const UDP_PROTOCOL_ID = { high: 0x417, low: 0x27101980 } as const;

/** Connection id, action, transaction id: the start of every request. */
export const UDP_REQUEST_HEAD_BYTES = 16;
/** Action, transaction id: the start of every response. */
export const UDP_RESPONSE_HEAD_BYTES = 8;
/** Bytes of a connection id. */
export const CONNECTION_ID_BYTES = 8;
/** An announce without options. */
export const UDP_ANNOUNCE_BYTES = 98;

/** Info-hashes in one scrape over UDP. @see BEP 15 */
export const MAX_UDP_SCRAPE_INFO_HASHES = 74;
/**
 * Bytes of a packet that a tracker sends: what every IPv6 path takes in one piece (RFC 8200: 1,280 with the headers of
 * IP and UDP). It has place for 202 IPv4 or 67 IPv6 peers.
 */
export const MAX_UDP_RESPONSE_BYTES = 1232;

/** The numbers of events, by position; `paused` is libtorrent's number, the BEPs give none. @see BEP 15, BEP 21 */
export const UDP_EVENTS = ['none', 'completed', 'started', 'stopped', 'paused'] as const;
