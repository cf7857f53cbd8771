import { readFileSync } from 'node:fs';

/** Descriptors that are left for everything but connections: files, threads, checks of seeders, a store elsewhere. */
export const DESCRIPTORS_FOR_OTHERS = 256;
/** The least part of the descriptors that each port may have, where there are hardly enough for the rest. */
const LEAST_PART = 1 / 8;

/** Reads how many descriptors this process may have. @returns infinity when there is no limit, or none can be found */
export function descriptorLimit(): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
  } catch {
    // Only Linux has this file.
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Says how many connections each of the two ports may have, so that the process never takes its last descriptor. Without
 * one, the kernel would refuse the newest connection; a full port makes the network with the most connections give one up.
 *
 * @param wanted the most connections, however many descriptors there are
 * @param descriptors the number of descriptors that the process may have
 */
export function connectionsWithin(wanted: number, descriptors: number): number {
  const half = Math.floor((descriptors - DESCRIPTORS_FOR_OTHERS) / 2);
  return Math.min(wanted, Math.max(half, Math.ceil(descriptors * LEAST_PART)));
}
