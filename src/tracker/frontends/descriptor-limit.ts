import { readFileSync } from 'node:fs';

/** Descriptors that connections leave for all else: files, threads, checks of seeders, a store elsewhere. */
export const DESCRIPTORS_FOR_OTHERS = 256;
/** Where there are hardly as many, each port has this part of them. */
const LEAST_PART = 1 / 8;

/** Reads how many descriptors this process may have; without a limit that can be found out, any number. */
export function descriptorLimit(): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
  } catch {
    // Only Linux has such a file.
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Says how many connections each of the two ports may have, so that the last descriptor is never taken: then the kernel would refuse
 * the newest connection, where a port that is full has the network with the most give one up.
 *
 * @param wanted as many in any case at most
 * @param descriptors that the process may have
 */
export function connectionsWithin(wanted: number, descriptors: number): number {
  const half = Math.floor((descriptors - DESCRIPTORS_FOR_OTHERS) / 2);
  return Math.min(wanted, Math.max(half, Math.ceil(descriptors * LEAST_PART)));
}
