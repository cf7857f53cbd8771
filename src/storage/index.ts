export { FileStorage, type FileStorageOptions, type StoredFile } from './file-storage.ts';
export type { Placement } from './layout.ts';
export { MemoryStorage } from './memory-storage.ts';
export { DEFAULT_MAX_OPEN_FILES, OpenFiles, type OpenFilesOptions } from './open-files.ts';
export { deliverPart, discardPart, PART_SUFFIX, type Part, planPart, preparePart } from './part.ts';
export type { Storage } from './storage.ts';
export { StorageError, type StorageErrorCode } from './storage-error.ts';
