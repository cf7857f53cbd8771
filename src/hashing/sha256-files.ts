import { type HashProgress, hashStream } from './hash-stream.ts';
import type { StreamFile } from './stream-ranges.ts';
import type { WorkerPool } from './worker-pool.ts';

/** A file whose SHA-256 is made. */
export type FileToDigest = Pick<StreamFile, 'path' | 'realPath' | 'length'>;

/**
 * Makes the SHA-256 of files on the threads of a pool, see `HashPool.sha256Files`. As one SHA-256 cannot be divided, the
 * files are divided into as many lists of about the same length as there are threads, and the lists are read at the same
 * time.
 */
export async function sha256Files(
  workers: WorkerPool,
  files: readonly FileToDigest[],
  { signal, onProgress }: HashProgress,
): Promise<(string | undefined)[]> {
  const digests = new Array<string | undefined>(files.length).fill(undefined);
  const lists = dividedByLength(files, workers.threads);
  const done = new Array<number>(lists.length).fill(0);
  const ended = await Promise.allSettled(
    lists.map(async (list, at) => {
      const faulty = new Set<number>();
      const { streamFiles, streamLength } = streamOf(list.map((index) => files[index]!));
      const plan = { files: streamFiles, pieceLength: 1, streamLength, v1: false, v2: false, sha256: true };
      const { sha256 } = await hashStream(workers, plan, {
        signal,
        onProgress(bytes) {
          done[at] = bytes;
          onProgress?.(done.reduce((sum, one) => sum + one, 0));
        },
        onFault: (index) => faulty.add(index),
      });
      for (const [index, digest] of sha256.entries()) {
        if (!faulty.has(index)) digests[list[index]!] = digest;
      }
    }),
  );
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return digests;
}

function streamOf(files: readonly FileToDigest[]): { streamFiles: StreamFile[]; streamLength: number } {
  let streamLength = 0;
  const streamFiles = files.map(({ path, realPath, length }) => {
    const file = { path, realPath, length, offset: streamLength };
    streamLength += length;
    return file;
  });
  return { streamFiles, streamLength };
}

/** Divides files into lists: each file, the longest first, goes to the list with the fewest bytes. @returns their indices */
function dividedByLength(files: readonly FileToDigest[], count: number): number[][] {
  const lists = Array.from({ length: count }, () => ({ bytes: 0, indices: [] as number[] }));
  const byLength = [...files.keys()].sort((a, b) => files[b]!.length - files[a]!.length);
  for (const index of byLength) {
    const shortest = lists.reduce((least, list) => (list.bytes < least.bytes ? list : least));
    shortest.bytes += files[index]!.length;
    shortest.indices.push(index);
  }
  return lists.map(({ indices }) => indices).filter((indices) => indices.length > 0);
}
