export { type ContentIdAt, type ContentIdOptions, contentIdAt } from './content-id-at.ts';
export {
  type CreatedTorrent,
  type CreateTorrentOptions,
  createTorrent,
  type TorrentSource,
} from './create-torrent.ts';
export { diskPlatformAt } from './disk-platform.ts';
export { HashingError, type HashingErrorCode } from './errors.ts';
export type { FileFault } from './file-check.ts';
export { fileStateOf } from './file-state.ts';
export { checkFolder, type EntryFault, type FolderCheck } from './folder-check.ts';
export type { FileHashes, FileToHash, HashedFiles, HashFilesOptions } from './hash-files.ts';
export { createHashPool, type HashPool, type HashPoolOptions } from './hash-pool.ts';
export type { HashProgress } from './hash-stream.ts';
export { describeLeftOut, type LeftOut, sumLeftOut } from './left-out.ts';
export {
  type FileListing,
  type FolderReader,
  type ListedEntry,
  type ListedFile,
  type ListedLink,
  type ListOptions,
  listFiles,
  nameInTorrent,
} from './list-files.ts';
export { describeNotUtf8 } from './names-told.ts';
export type { FilePlace, SharedBytes } from './tasks.ts';
export { diskPathsAt, requireThere, torrentRootAt } from './torrent-root.ts';
export type { VerifiedFile, VerifyOptions, VerifyResult } from './verify-files.ts';
