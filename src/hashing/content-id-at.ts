import {
  contentIdOf,
  exactPathOf,
  type FolderEntry,
  HASH_OF_NOTHING,
  hashOfLink,
} from '../metainfo/index.ts';
import { checkUnchanged } from './check-unchanged.ts';
import { HashingError } from './errors.ts';
import type { HashPool } from './hash-pool.ts';
import type { HashProgress } from './hash-stream.ts';
import type { LeftOut } from './left-out.ts';
import { type FileListing, listFiles } from './list-files.ts';

/** The options of {@link contentIdAt}. */
export interface ContentIdOptions extends HashProgress {
  /** Called once, with the number of bytes that will be read. */
  readonly onTotal?: (bytes: number) => void;
  /** Called with each file and folder that cannot be read, before the error is thrown. */
  readonly onUnusable?: (error: HashingError) => void;
}

/** The id of a file or a folder on disk. */
export interface ContentIdAt {
  readonly kind: 'file' | 'folder';
  /** The SHA-256 of a file, or the content id of a folder: 64 hex digits. */
  readonly id: string;
  /** The numbers of what is in the folder. A file counts as one file. */
  readonly files: number;
  readonly links: number;
  readonly emptyFolders: number;
  /** Bytes of all files. */
  readonly size: number;
  /** The counts of what is in no content id: devices, pipes and sockets. All others are 0. */
  readonly leftOut: LeftOut;
}

/**
 * Computes the SHA-256 of a file, or the content id of a folder with all that is in it: hidden names too, links as links, even
 * those that lead outside.
 *
 * @throws {HashingError} when something cannot be read, or changes meanwhile
 * @throws the signal's reason
 */
export async function contentIdAt(
  pool: HashPool,
  path: string,
  { signal, onProgress, onTotal, onUnusable }: ContentIdOptions = {},
): Promise<ContentIdAt> {
  const listing = await listFiles(pool, path, { hidden: true, signal });
  const { files, links, emptyFolders, leftOut } = listing;
  const size = files.reduce((sum, { length }) => sum + length, 0);
  onTotal?.(size);
  const unusable: HashingError[] = [...listing.failures];
  const hashed = await pool.hashFiles(
    files.map(({ diskPath, realPath, length }) => ({ path: diskPath, realPath, length })),
    // The files follow each other without gaps. There are no pieces to hash.
    {
      pieceLength: 1,
      v1: false,
      v2: false,
      sha256: true,
      signal,
      onProgress,
      onUnusable: (_, error) => unusable.push(error),
    },
  );
  const isFile = files[0]?.path.length === 0;
  if (isFile && unusable.length > 0) throw unusable[0]!;
  if (unusable.length > 0) {
    for (const error of unusable) onUnusable?.(error);
    const count = unusable.length === 1 ? '1 file or folder' : `${unusable.length} files or folders`;
    const message = `Cannot compute the content id of ${path}: ${count} in it cannot be read, or changed meanwhile`;
    throw new HashingError(unusable[0]!.code, message, { path, cause: unusable[0] });
  }
  const hashes = hashed.files.map(({ sha256 }) => sha256!);
  if (!isFile) await checkUnchanged(pool, path, listing, [], { hidden: true, signal });
  return {
    kind: isFile ? 'file' : 'folder',
    id: isFile ? hashes[0]! : contentIdOf(entriesOf(listing, hashes)),
    files: files.length,
    links: links.length,
    emptyFolders: emptyFolders.length,
    size,
    leftOut,
  };
}

function* entriesOf(
  { files, links, emptyFolders }: FileListing,
  hashes: readonly string[],
): Generator<FolderEntry> {
  for (const [index, file] of files.entries()) {
    const kind = file.isExecutable ? 'executable' : 'file';
    yield { kind, path: exactPathOf(file), sha256: hashes[index]! };
  }
  for (const link of links)
    yield { kind: 'link', path: exactPathOf(link), sha256: hashOfLink(link.linkText) };
  for (const folder of emptyFolders) {
    yield { kind: 'emptyFolder', path: exactPathOf(folder), sha256: HASH_OF_NOTHING };
  }
}
