export { type CloneResult, cloneFile } from './clone-file.ts';
export { versionsOf } from './file-state.ts';
export { FileStorage, type FileStorageOptions, type StoredFile } from './file-storage.ts';
export { inParallel } from './in-parallel.ts';
export { type FaultyEntry, lookAtEntries } from './look-at-entries.ts';
export { OpenFiles, type OpenFilesOptions } from './open-files.ts';
export {
  deliverPart,
  discardPart,
  finishDelivery,
  type Part,
  type PrepareOptions,
  planPart,
  preparePart,
} from './part.ts';
export { lockPart, type PartLock, removeStaleLock } from './part-lock.ts';
export { type PartState, type PartTorrent, readPartState } from './part-state.ts';
export type { Preallocation } from './preallocation.ts';
export { discardRepair, finishRepair, hasRepair, prepareRepair, type Repair } from './repair.ts';
export {
  hasReplaced,
  recoverReplaced,
  replaceFolder,
  requireReplaceableFolder,
} from './replace-folder.ts';
export { ResumeKeeper, type ResumeKeeperOptions } from './resume-keeper.ts';
export { type NotKept, settleEntries } from './settle-entries.ts';
export type { Storage } from './storage.ts';
export { StorageError, type StorageErrorCode } from './storage-error.ts';
export { type PlacedEntries, type StoredEntries, storeEntries } from './stored-entries.ts';
export { listStrangers } from './strangers.ts';
