export { announce, announceByTrust, scrape, type TrackersNamed } from './announce.ts';
export { Announcer } from './announcer.ts';
export type {
  AnnouncerOptions,
  AnnounceTransport,
  ReceivedAnnounceResponse,
  TransferStats,
} from './announcer-options.ts';
export { backOff } from './back-off.ts';
export { distinctTrackers } from './distinct-trackers.ts';
export type { TorrentToAnnounce } from './fit-registration.ts';
export type { CallOptions } from './http-request.ts';
export { describeNoTracker } from './no-tracker.ts';
export { printableUrl } from './printable-url.ts';
export { isUnknownHost } from './refusal.ts';
export {
  type CollectOptions,
  type FirstRegistrationResponse,
  fetchMetainfo,
  fetchSeeders,
  fetchTorrentDetails,
  fetchTorrents,
  register,
  renew,
  type SeederIdentity,
  type TorrentQuery,
} from './registry-client.ts';
export {
  type RegistryCalls,
  SeederRegistration,
  type SeederRegistrationOptions,
} from './seeder-registration.ts';
export { TrackerCallError, type TrackerCallErrorCode } from './tracker-call-error.ts';
export { systemTrackerPorts, type TrackerPorts } from './tracker-ports.ts';
export type { TrackerTrust } from './tracker-reach.ts';
export type { TrackerState } from './tracker-state.ts';
export { announceUrlOf } from './tracker-url.ts';
