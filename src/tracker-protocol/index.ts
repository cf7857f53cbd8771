export {
  accessTokenId,
  formatAccessToken,
  isLikeAccessToken,
  MAX_PASSKEY_LENGTH,
  passkeyOfPath,
  TOKEN_ID_LENGTH,
  TOKEN_SECRET_BYTES,
} from './access-token.ts';
export type {
  AnnouncedPeer,
  AnnounceEvent,
  AnnounceRequest,
  AnnounceResponse,
  CompactAnnounceResponse,
  CompactPeers,
  NamedPeer,
  TrackerFailure,
} from './announce.ts';
export { encodeAnnounceQuery, parseAnnounceQuery } from './http-announce-request.ts';
export {
  decodeAnnounceResponse,
  encodeAnnounceResponse,
  encodeTrackerFailure,
  MAX_ANNOUNCE_RESPONSE_BYTES,
  MAX_NAMED_PEERS,
  MAX_PEERS_IN_RESPONSE,
} from './http-announce-response.ts';
export {
  decodeScrapeResponse,
  encodeScrapeEntries,
  encodeScrapeQuery,
  encodeScrapeResponse,
  MAX_SCRAPE_INFO_HASHES,
  MAX_SCRAPE_RESPONSE_BYTES,
  type NamedScrapeEntry,
  parseScrapeQuery,
  SCRAPE_END,
  SCRAPE_START,
  scrapeUrl,
} from './http-scrape.ts';
export { TrackerRequestError } from './query.ts';
export * from './registry.ts';
export {
  MAX_INLINE_METAINFO_BYTES,
  MAX_OPEN_REGISTRATION_BYTES,
  MAX_PAGE,
  MAX_REGISTERED_METAINFO_BYTES,
  MAX_REGISTRATION_BYTES,
  MAX_TORRENTS_PER_SEEDER,
} from './registry-limits.ts';
export { OWN_MEMORY, ownMemory, type ResponseMemory } from './response-memory.ts';
export type { ScrapeEntry, ScrapeRequest, ScrapeResponse } from './scrape.ts';
export { MAX_TRACKER_MESSAGE, TrackerResponseError } from './tracker-response.ts';
export {
  MAX_UDP_RESPONSE_BYTES,
  MAX_UDP_SCRAPE_INFO_HASHES,
  UDP_ACTION,
  UDP_REQUEST_HEAD_BYTES,
} from './udp-format.ts';
export {
  decodeUdpAnnounce,
  decodeUdpScrape,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  isUdpConnect,
  type UdpAnnounce,
  type UdpRequestHead,
} from './udp-request.ts';
export {
  decodeUdpResponse,
  type IpFamily,
  type UdpResponse,
  udpTransactionId,
  writeUdpAnnounceResponse,
  writeUdpConnectResponse,
  writeUdpError,
  writeUdpScrapeResponse,
} from './udp-response.ts';
export {
  type ByteText,
  MAX_SDP_LENGTH,
  MAX_WS_MESSAGE_BYTES,
  MAX_WS_OFFERS,
  parseWsRequest,
  type WsAnnounce,
  type WsAnswer,
  type WsOffer,
  type WsRequest,
  WsRequestError,
  type WsScrape,
} from './ws-request.ts';
export {
  encodeWsAnnounceResponse,
  encodeWsAnswer,
  encodeWsFailure,
  encodeWsOffer,
  encodeWsOrigin,
  encodeWsScrapeResponse,
  type WsAnnounceResponse,
} from './ws-response.ts';
