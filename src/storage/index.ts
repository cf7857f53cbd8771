export { type CloneResult, cloneFile } from './clone-file.ts';
export { FileStorage, type FileStorageOptions, type StoredFile } from './file-storage.ts';
export { inParallel } from './in-parallel.ts';
export { OpenFiles, type OpenFilesOptions } from './open-files.ts';
export {
  deliveredFiles,
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
export { ResumeKeeper, type ResumeKeeperOptions } from './resume-keeper.ts';
export type { Storage } from './storage.ts';
export { StorageError, type StorageErrorCode } from './storage-error.ts';
