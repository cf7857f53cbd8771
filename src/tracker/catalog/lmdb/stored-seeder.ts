import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../../../util/index.ts';
import type { CatalogTorrent, NewSeeder } from '../catalog.ts';

/** A seeder as it outlives a restart: without the time it was last seen, which is that of the restart. */
export interface StoredSeeder extends Omit<NewSeeder, 'seenAt'> {
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  readonly torrents: readonly CatalogTorrent[];
}

type Fields = Omit<StoredSeeder, 'peerId' | 'tokenHash'> & { peerId: string; tokenHash: string };

const DIGEST_BYTES = 32;

/** The SHA-256 of what follows: the seeder as JSON, byte strings in hex. */
export function encodeStoredSeeder(seeder: StoredSeeder): Uint8Array {
  const { id, address, peerId, tokenHash, registeredAt, torrents } = seeder;
  const hex = { peerId: toHex(peerId), tokenHash: toHex(tokenHash) };
  const fields: Fields = { id, address, ...hex, registeredAt, torrents };
  const json = Buffer.from(JSON.stringify(fields));
  return Buffer.concat([digestOf(json), json]);
}

/** The inverse of {@link encodeStoredSeeder}. @returns `undefined` for what it did not write */
export function decodeStoredSeeder(bytes: Uint8Array): StoredSeeder | undefined {
  const json = Buffer.from(bytes.subarray(DIGEST_BYTES));
  if (!digestOf(json).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
  // What has its own digest has the form in which it was written.
  const fields = JSON.parse(json.toString()) as Fields;
  return { ...fields, peerId: fromHex(fields.peerId), tokenHash: fromHex(fields.tokenHash) };
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
