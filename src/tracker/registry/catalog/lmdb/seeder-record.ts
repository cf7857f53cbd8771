import { createHash } from 'node:crypto';
import { fromHex, type Turns, toHex } from '../../../../util/index.ts';
import type { NewSeeder, StoredTorrent } from '../catalog.ts';

/**
 * The record of a seeder in the file. It has no time of the last renewal: after a restart, that is the time of the restart.
 */
export interface SeederRecord extends Omit<NewSeeder, 'seenAt'> {
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  readonly torrents: readonly StoredTorrent[];
}

type Fields = Omit<SeederRecord, 'peerId' | 'tokenHash'> & { peerId: string; tokenHash: string };

const DIGEST_BYTES = 32;

/** The number of torrents of a list that are encoded in one step. */
const STEP = 1000;

/** The bytes in front of the torrents, which are nowhere before them: within a text the quotes would be escaped. */
const TORRENTS = Buffer.from('"torrents":[');
const END = ']}';

/** Encodes a seeder: a SHA-256, and the JSON that it is of, with byte strings in hex. A long list is encoded in steps. */
export async function encodeSeederRecord(seeder: SeederRecord, turns: Turns): Promise<Uint8Array> {
  const { id, address, peerId, tokenHash, claimedBy, registeredAt, torrents } = seeder;
  const hex = { peerId: toHex(peerId), tokenHash: toHex(tokenHash) };
  const fields: Fields = { id, address, ...hex, claimedBy, registeredAt, torrents: [] };
  const parts = [Buffer.from(JSON.stringify(fields).slice(0, -END.length))];
  for (let at = 0; at < torrents.length; at += STEP) {
    if (at > 0) await turns.next();
    const some = JSON.stringify(torrents.slice(at, at + STEP)).slice(1, -1);
    parts.push(Buffer.from(at === 0 ? some : `,${some}`));
  }
  parts.push(Buffer.from(END));
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return Buffer.concat([digest.digest(), ...parts]);
}

/** Reverses {@link encodeSeederRecord}. @returns `undefined` for bytes that it did not write */
export function decodeSeederRecord(bytes: Uint8Array): SeederRecord | undefined {
  const json = checkedJson(bytes);
  return json && decodeJson(json.toString());
}

/**
 * Reads all fields but the torrents, of which there may be very many.
 *
 * @returns `undefined` for bytes that were not written here
 */
export function decodeStoredHead(bytes: Uint8Array): Omit<SeederRecord, 'torrents'> | undefined {
  const json = checkedJson(bytes);
  return json && decodeJson(json.toString('utf8', 0, json.indexOf(TORRENTS) + TORRENTS.length) + END);
}

/** Parses JSON whose digest was checked: it has the form in which it was written. */
function decodeJson(json: string): SeederRecord {
  const fields = JSON.parse(json) as Fields;
  return { ...fields, peerId: fromHex(fields.peerId), tokenHash: fromHex(fields.tokenHash) };
}

function checkedJson(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length < DIGEST_BYTES) return undefined;
  const json = Buffer.from(bytes.buffer, bytes.byteOffset + DIGEST_BYTES, bytes.length - DIGEST_BYTES);
  return digestOf(json).equals(bytes.subarray(0, DIGEST_BYTES)) ? json : undefined;
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
