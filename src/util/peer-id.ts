/** The bytes of a peer id, on the wire and at trackers. @see BEP 3, `peer_id` */
export const PEER_ID_BYTES = 20;
