import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** The time between two looks. No event tells of blocks, and looking all the time would keep a processor busy. */
const PAUSE_MS = 1;

/** Resolves as soon as a file takes so many bytes of disk; a file that is not there yet takes none. */
export async function untilAllocated(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.blocks * 512 >= bytes) return;
    await setTimeout(PAUSE_MS);
  }
}
