import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { diskPathToBytes } from '../util/index.ts';
import type { OfferPlace } from './offer-places-of.ts';
import { statsOf } from './offered-files.ts';

/** The number of files that are looked at at once. */
const LOOKS_AT_ONCE = 32;
/**
 * The milliseconds before a file is read in which it must not have been written. A later write within one tick of the clock
 * of its disk would leave no trace. Where times have no fractions of a second, the tick is up to two seconds.
 */
const QUIET_MS = 100;
const QUIET_COARSE_MS = 3000;

/** Files as they were seen at one time, by which it shows whether they have changed since. */
export interface SeenFiles {
  readonly places: readonly OfferPlace[];
  readonly stats: readonly BigIntStats[];
  /** A SHA-256 of the paths and states of all files. It differs once one of them was written to, moved or replaced. */
  readonly state: Uint8Array;
  /** The latest time at which one of them was changed, in milliseconds since 1970, with {@link QUIET_MS} added. */
  readonly quietSince: number;
}

/** Looks at files without reading them. @returns `undefined` for a file that is missing, no regular file, or not readable */
export async function lookAtEach(places: readonly OfferPlace[]): Promise<(BigIntStats | undefined)[]> {
  const stats: (BigIntStats | undefined)[] = [];
  for (let from = 0; from < places.length; from += LOOKS_AT_ONCE) {
    const some = places.slice(from, from + LOOKS_AT_ONCE);
    stats.push(
      ...(await Promise.all(
        some.map(({ path, realPath }) => statsOf(path, realPath).catch(() => undefined)),
      )),
    );
  }
  return stats;
}

/**
 * Sums up files that were seen.
 *
 * @param more a text that is a part of the state
 */
export function sumUp(
  places: readonly OfferPlace[],
  stats: readonly BigIntStats[],
  more = '',
): Pick<SeenFiles, 'state' | 'quietSince'> {
  const hash = createHash('sha256').update(more);
  let quietSince = 0;
  for (const [at, found] of stats.entries()) {
    hash.update(`\0${stateOfFile(found)}\0`).update(diskPathToBytes(places[at]!.path));
    quietSince = Math.max(quietSince, quietTimeOf(found));
  }
  return { state: hash.digest(), quietSince };
}

/**
 * Makes a text for the state of a file. The time of the last change of its inode is in it, because programs can set the time
 * of the last write back. The device is not, because its number may differ after a restart of the machine.
 */
function stateOfFile({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

function quietTimeOf({ ctimeNs }: BigIntStats): number {
  const isCoarse = ctimeNs % 1_000_000_000n === 0n;
  return Number(ctimeNs / 1_000_000n) + (isCoarse ? QUIET_COARSE_MS : QUIET_MS);
}
