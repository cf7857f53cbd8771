export {
  type CheckedRegistration,
  type CheckedTorrent,
  checkAnnouncedTorrent,
} from './checked-torrent.ts';
export { MetainfoChecker } from './metainfo-checker.ts';
export { type RegistrationPolicy, Registry } from './registry.ts';
