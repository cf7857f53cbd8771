export { announce, announceByTrust, scrape, type TrackersNamed } from './announce.ts';
export { ANNOUNCE_TIMEOUT_MS, MAX_ANNOUNCE_REDIRECTS } from './announce-http.ts';
export { Announcer, MAX_TRACKERS_PER_TORRENT } from './announcer.ts';
export type {
  AnnounceAnswer,
  AnnouncerOptions,
  AnnounceTransport,
  TransferStats,
} from './announcer-options.ts';
export {
  MAX_ANSWER_DEPTH,
  MAX_PAGE_BYTES,
  MAX_PAGES,
  MAX_PROBLEM_BYTES,
  MAX_REGISTRY_ANSWER_BYTES,
  MAX_VALUES_PER_ENTRY,
} from './answer-limits.ts';
export { backOff } from './back-off.ts';
export type { OfferedTorrent } from './fit-registration.ts';
export type { CallOptions } from './http-request.ts';
export { describeNoTracker } from './no-tracker.ts';
export { MAX_WAITING_NAMES } from './peer-names.ts';
export { printableUrl } from './printable-url.ts';
export { MAX_REMOTE_TEXT } from './quotable.ts';
export { REGISTRY_TIMEOUT_MS } from './registry-call.ts';
export {
  COLLECT_TIMEOUT_MS,
  type CollectOptions,
  type FirstRegistrationAnswer,
  fetchMetainfo,
  findTorrents,
  leave,
  listSeeders,
  MAX_COLLECTED,
  register,
  renew,
  type SeederIdentity,
  type TorrentQuery,
  torrentDetail,
  UPLOAD_TIMEOUT_MS,
  uploadMetainfo,
} from './registry-client.ts';
export {
  LEAVE_TIMEOUT_MS,
  MAX_RENEWAL,
  MIN_RENEWAL,
  type RegistryCalls,
  SeederRegistration,
  type SeederRegistrationOptions,
} from './seeder-registration.ts';
export {
  ANNOUNCE_PATIENCE_MS,
  DEFAULT_MIN_INTERVAL,
  MAX_ANNOUNCE_INTERVAL,
  MIN_ANNOUNCE_INTERVAL,
  STOPPED_TIMEOUT_MS,
} from './swarm-announcer.ts';
export { TrackerCallError, type TrackerCallErrorCode } from './tracker-call-error.ts';
export type { TrackerTrust } from './tracker-reach.ts';
export type { TrackerState } from './tracker-state.ts';
export { announceUrlOf } from './tracker-url.ts';
