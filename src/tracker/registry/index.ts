export { MetainfoChecker } from './metainfo-checker.ts';
export {
  type CheckedRegistration,
  type CheckedTorrent,
  checkRegisteredTorrent,
} from './registered-torrent.ts';
export { Registrar, type RegistrationPolicy } from './registrar.ts';
