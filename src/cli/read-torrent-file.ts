import { readInput } from '../files/index.ts';
import { MAX_METAINFO_BYTES, MetainfoError } from '../metainfo/index.ts';
import { StorageError } from '../storage/index.ts';
import { formatSize } from './format.ts';
import { refuseUrl } from './refuse-url.ts';

/**
 * Reads the bytes of a `.torrent` without checking them, at most `MAX_METAINFO_BYTES`.
 *
 * @throws {StorageError} when it cannot be read, {@link MetainfoError} `TOO_LARGE`, {@link UsageError} for a URL
 */
export async function readTorrentFile(path: string): Promise<Uint8Array> {
  refuseUrl('read', path);
  const bytes = await readInput(path, MAX_METAINFO_BYTES).catch((thrown: unknown) => {
    throw StorageError.from(thrown, 'read', path);
  });
  if (bytes.length <= MAX_METAINFO_BYTES) return bytes;
  throw new MetainfoError(
    'TOO_LARGE',
    `Cannot use ${path}: it has more than ${formatSize(MAX_METAINFO_BYTES)}`,
  );
}
