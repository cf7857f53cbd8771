import { stat } from 'node:fs/promises';

/** Resolves as soon as a file takes so many bytes of disk; a file that is not there yet takes none. */
export async function untilAllocated(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.blocks * 512 >= bytes) return;
  }
}
