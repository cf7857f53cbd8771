import {
  type Clock,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  INFO_HASH_BYTES,
  PEER_ID_BYTES,
} from '../../../util/index.ts';
import type { PeerRole, SwarmPeer } from '../swarm-store.ts';
import { isNamedByOther } from './holder.ts';
import type { PeerTables } from './peer-tables.ts';
import type { Shard } from './shard.ts';

/** A swarm that was read from a saved part; its bytes are views. */
export interface SavedSwarm {
  readonly infoHash: Uint8Array;
  readonly downloaded: number;
  /** The seconds from its first peer to the time of saving. */
  readonly age: number;
  readonly peers: readonly SavedPeer[];
}

export interface SavedPeer extends SwarmPeer {
  /** The seconds from its last announce to the time of saving. */
  readonly silence: number;
}

const SWARM_BYTES = INFO_HASH_BYTES + 8;
const TABLE_BYTES = 12;
const SILENCE_BYTES = 4;
/**
 * The silence that is written for a peer that another client has named, so that it is not read back: a new process cannot
 * know which client may change its record.
 */
const FORGOTTEN = 0xffff_ffff;

/** The number of bytes of swarms after which a saved part ends. */
const SAVED_PART_BYTES = 64 * 1024;

/**
 * Gives all swarms for {@link readSwarms}, in parts of up to {@link SAVED_PART_BYTES} or of one larger swarm. Announces may
 * be answered between one part and the next: a swarm is saved as it is then, and a swarm that begins meanwhile may be left
 * out. A part is a view that is valid until the next one is asked for.
 */
export function* saveSwarms(shards: readonly Shard[], clock: Clock): Generator<Buffer> {
  let part = Buffer.allocUnsafeSlow(SAVED_PART_BYTES);
  let used = 0;
  for (const shard of shards) {
    // The swarms are saved from the last to the first, because the last one takes the place of a forgotten one.
    for (let swarm = shard.count - 1; swarm >= 0; swarm = Math.min(swarm, shard.count) - 1) {
      if (used + savedBytes(shard, swarm) > part.length && used > 0) {
        yield part.subarray(0, used);
        used = 0;
        // The number may belong to another swarm by now, or to none.
        swarm += 1;
        continue;
      }
      if (savedBytes(shard, swarm) > part.length) part = Buffer.allocUnsafeSlow(savedBytes(shard, swarm));
      used = writeSwarm(shard, swarm, Math.floor(clock.now() / 1000), part, used);
    }
  }
  if (used > 0) yield part.subarray(0, used);
}

/** Counts the bytes that {@link writeSwarm} would write. */
function savedBytes(shard: Shard, swarm: number): number {
  return SWARM_BYTES + tableBytes(shard.ipv4.at(swarm)) + tableBytes(shard.ipv6.at(swarm));
}

/**
 * Writes a swarm, in columns as in memory:
 *
 * - the info-hash, 20 bytes; how often it was downloaded; its age
 * - for IPv4 and then for IPv6: how many peers, how many of them are seeders, how many are seeders or partial seeds; their
 *   compact addresses in that order of roles; their peer ids, 20 bytes each; how long each has been silent
 *
 * Numbers have 32 bits, the most significant first; times are seconds before `second`.
 *
 * @returns the offset in `into` at which it ends
 */
function writeSwarm(shard: Shard, swarm: number, second: number, into: Buffer, start: number): number {
  let at = start + shard.copyInfoHash(swarm, into, start);
  at = into.writeUInt32BE(shard.downloadedOf(swarm), at);
  at = into.writeUInt32BE(Math.max(0, second - shard.bornAt(swarm)), at);
  at = writeTable(shard.ipv4.at(swarm), second, into, at);
  return writeTable(shard.ipv6.at(swarm), second, into, at);
}

/** Reads the swarms of a part that {@link saveSwarms} gave. @throws {RangeError} for other bytes */
export function* readSwarms(bytes: Buffer): Generator<SavedSwarm> {
  for (let at = 0; at < bytes.length; ) {
    const infoHash = bytes.subarray(at, at + INFO_HASH_BYTES);
    const downloaded = bytes.readUInt32BE(at + INFO_HASH_BYTES);
    const age = bytes.readUInt32BE(at + INFO_HASH_BYTES + 4);
    const peers: SavedPeer[] = [];
    at = readTable(bytes, at + SWARM_BYTES, COMPACT_IPV4_BYTES, peers);
    at = readTable(bytes, at, COMPACT_IPV6_BYTES, peers);
    yield { infoHash, downloaded, age, peers };
  }
}

function tableBytes({ count, addressSize }: PeerTables): number {
  return TABLE_BYTES + count * (addressSize + PEER_ID_BYTES + SILENCE_BYTES);
}

function writeTable(table: PeerTables, second: number, into: Buffer, from: number): number {
  const { start, count, seeders, downloaders, addressSize } = table;
  let at = into.writeUInt32BE(count, from);
  at = into.writeUInt32BE(seeders, at);
  at = into.writeUInt32BE(count - downloaders, at);
  if (count === 0) return at;
  const { rows } = table;
  const { addresses, peerIds } = rows;
  const end = start + count;
  at += addresses.copy(into, at, start * addressSize, end * addressSize);
  at += peerIds.copy(into, at, start * PEER_ID_BYTES, end * PEER_ID_BYTES);
  for (let row = start; row < end; row += 1) {
    const silence = isNamedByOther(rows.holderAt(row)) ? FORGOTTEN : Math.max(0, second - rows.seenAt(row));
    at = into.writeUInt32BE(silence, at);
  }
  return at;
}

/** @returns the offset at which the table ends */
function readTable(bytes: Buffer, start: number, addressSize: number, into: SavedPeer[]): number {
  const count = bytes.readUInt32BE(start);
  const seeders = bytes.readUInt32BE(start + 4);
  const uploaders = bytes.readUInt32BE(start + 8);
  const addresses = start + TABLE_BYTES;
  const peerIds = addresses + count * addressSize;
  const silences = peerIds + count * PEER_ID_BYTES;
  const end = silences + count * SILENCE_BYTES;
  if (end > bytes.length) throw new RangeError(`Expected ${count} peers at ${start}, found the end`);
  for (let row = 0; row < count; row += 1) {
    const role: PeerRole = row < seeders ? 'seeder' : row < uploaders ? 'partialSeed' : 'downloader';
    into.push({
      address: bytes.subarray(addresses + row * addressSize, addresses + (row + 1) * addressSize),
      peerId: bytes.subarray(peerIds + row * PEER_ID_BYTES, peerIds + (row + 1) * PEER_ID_BYTES),
      role,
      silence: bytes.readUInt32BE(silences + row * SILENCE_BYTES),
    });
  }
  return end;
}
