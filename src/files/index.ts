export { type FileKind, FileKindError, kindOf, lookAtName } from './file-kind.ts';
export { FolderEvents } from './folder-events.ts';
export { inRealFolder } from './in-real-folder.ts';
export { makeFolder, makeFolderBelow } from './make-folder.ts';
export {
  FileCallError,
  type FileFailure,
  type FoundName,
  failureOf,
  flushNow,
  lookNow,
  type ManyFiles,
  makeFilesNow,
  manyFilesHere,
  type NewFile,
  type SystemFailure,
  systemFailureOf,
} from './many-files.ts';
export { openPatiently, type PathToOpen, patiently, withOpenNow } from './open-now.ts';
export { readInput, readOwnFile } from './read-input.ts';
export { isOpenAt, realPathOf, realPathOfNew } from './real-path.ts';
export {
  findWritableName,
  meansFolder,
  openAnew,
  renameToFree,
  replaceFile,
  requireReplaceable,
  type WritableName,
} from './replace.ts';
export { syncFolder } from './sync-folder.ts';
export { WatchedFiles } from './watched-files.ts';
export { withDescriptors } from './with-descriptors.ts';
