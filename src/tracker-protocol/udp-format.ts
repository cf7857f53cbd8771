/** The actions of packets. @see BEP 15 */
export const UDP_ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;

/** The number that a connect request has in the place of the connection id. @see BEP 15 */
export const UDP_PROTOCOL_ID = { high: 0x417, low: 0x27101980 } as const;

/** The number of bytes of the start of each request: connection id, action, transaction id. */
export const UDP_REQUEST_HEAD_BYTES = 16;
/** The number of bytes of the start of each response: action, transaction id. */
export const UDP_RESPONSE_HEAD_BYTES = 8;
/** The bytes of a connection id. */
export const CONNECTION_ID_BYTES = 8;
/** The number of bytes of an announce without options. */
export const UDP_ANNOUNCE_BYTES = 98;

/** The most info-hashes in one scrape over UDP. @see BEP 15 */
export const MAX_UDP_SCRAPE_INFO_HASHES = 74;
/**
 * The most bytes of a packet that a tracker sends, which every IPv6 path takes in one piece (RFC 8200: 1,280 with the
 * headers of IP and UDP). It has place for 202 IPv4 or 67 IPv6 peers.
 */
export const MAX_UDP_RESPONSE_BYTES = 1232;

/** The events by their numbers; that of `paused` is libtorrent's, because the BEPs give none. @see BEP 15, BEP 21 */
export const UDP_EVENTS = ['none', 'completed', 'started', 'stopped', 'paused'] as const;
