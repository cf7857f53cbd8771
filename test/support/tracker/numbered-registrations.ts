import type { NewSeeder, StoredTorrent } from '../../../src/tracker/registry/catalog/index.ts';
import { parseInfoHash } from '../../../src/util/index.ts';

/** The number of registrations that the worker makes before it waits until they are in the file. */
export const BURST = 7;
/** Seeders that take turns in registering. */
const SEEDERS = 10;

/** The only torrent of a seeder says which registration it is of, and has a metainfo that does, too. */
export function registrationNumber(number: number): {
  readonly seeder: NewSeeder;
  readonly torrent: StoredTorrent;
  readonly metainfo: Uint8Array;
} {
  const port = 1 + (number % SEEDERS);
  const zeros = new Uint8Array(32);
  const address = { host: '10.0.0.1', port };
  return {
    seeder: {
      id: `seeder${port}`,
      address,
      peerId: zeros.subarray(20),
      tokenHash: zeros,
      registeredAt: 0,
      seenAt: 0,
    },
    torrent: {
      infoHash: parseInfoHash(number.toString(16).padStart(40, '0')),
      name: String(number),
      size: number,
    },
    // From a few bytes to some pages of the file.
    metainfo: Buffer.alloc(4 + ((number * 7919) % 50_000), String(number)),
  };
}
