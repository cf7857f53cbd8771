import { INFO_HASH_BYTES } from '../../../util/index.ts';
import { KeyIndex, type Span } from './key-index.ts';
import type { PagePool } from './page-pool.ts';
import { NOTE_BITS, PeerTables, TABLE_FIELDS } from './peer-tables.ts';
import type { Places } from './places.ts';

/** The number of swarms below which memory is not given back. */
const MIN_CAPACITY = 4;
/** The most swarms: as many as fit into memory. */
const MAX_CAPACITY = Number.POSITIVE_INFINITY;

/**
 * The fields of a swarm, side by side, so that an announce finds all of them in one line of the processor's cache: its
 * tables of peers; the times of its first peer and of its last announce, in whole seconds; the number of completed
 * downloads; and the notes on each table of peers, see {@link PeerTables.isCrowded}.
 */
const IPV4 = 0;
const IPV6 = TABLE_FIELDS;
const BORN_AT = 2 * TABLE_FIELDS;
const HEARD_AT = BORN_AT + 1;
const DOWNLOADED = BORN_AT + 2;
const NOTES = BORN_AT + 3;
/** The number of fields of a swarm: a power of two, 64 bytes. */
const FIELDS = 16;

/**
 * A part of the swarms, small enough that moving all of it to other memory takes no noticeable time. Swarms are numbered
 * from 0 without a gap; when one is removed, the last one takes its number.
 */
export class Shard implements Span {
  readonly ipv4: PeerTables;
  readonly ipv6: PeerTables;
  readonly start = 0;
  readonly #places: Places;
  #count = 0;
  #infoHashes: Buffer = Buffer.alloc(0);
  #index: KeyIndex;
  #swarms = new Int32Array();

  constructor(places: Places, ipv4: PagePool, ipv6: PagePool) {
    this.#places = places;
    this.#index = new KeyIndex(this.#infoHashes, INFO_HASH_BYTES, places, MAX_CAPACITY);
    this.ipv4 = new PeerTables(ipv4, IPV4, FIELDS, { offset: NOTES, shift: 0 });
    this.ipv6 = new PeerTables(ipv6, IPV6, FIELDS, { offset: NOTES, shift: NOTE_BITS });
  }

  get count(): number {
    return this.#count;
  }
  get capacity(): number {
    return this.#swarms.length / FIELDS;
  }

  /** @param hash the hash of the info-hash, by the key of the shards @returns the swarm's number; -1 when it is not here */
  find(infoHash: Uint8Array, hash: number): number {
    return this.#index.find(this, infoHash, hash);
  }

  /** @param infoHash the info-hash of a swarm that is not here yet @returns its number */
  add(infoHash: Uint8Array, second: number): number {
    if (this.#count === this.capacity) {
      this.#resize(Math.max(MIN_CAPACITY, this.capacity + (this.capacity >> 1)));
    }
    const swarm = this.#count;
    this.#infoHashes.set(infoHash, swarm * INFO_HASH_BYTES);
    this.#index.add(this, swarm);
    this.setHistory(swarm, second, 0);
    this.setHeardAt(swarm, second);
    this.#count += 1;
    return swarm;
  }

  /** Forgets a swarm and its peers. The caller then calls {@link tidyUp}. */
  remove(swarm: number): void {
    const last = this.#count - 1;
    this.ipv4.at(swarm).replaceByLast(last);
    this.ipv6.at(swarm).replaceByLast(last);
    this.#index.swap(this, swarm, last);
    this.#swapInfoHashes(swarm, last);
    this.#index.remove(this, last);
    this.#swarms.copyWithin(swarm * FIELDS + BORN_AT, last * FIELDS + BORN_AT, (last + 1) * FIELDS);
    this.#count = last;
    if (this.capacity > MIN_CAPACITY && last * 4 <= this.capacity) this.#resize(this.capacity >> 1);
  }

  /** @returns 20, the bytes copied */
  copyInfoHash(swarm: number, into: Buffer, at: number): number {
    return this.#infoHashes.copy(into, at, swarm * INFO_HASH_BYTES, (swarm + 1) * INFO_HASH_BYTES);
  }
  peersOf(swarm: number): number {
    return this.ipv4.at(swarm).count + this.ipv6.at(swarm).count;
  }
  seedersOf(swarm: number): number {
    return this.ipv4.at(swarm).seeders + this.ipv6.at(swarm).seeders;
  }
  downloadersOf(swarm: number): number {
    return this.ipv4.at(swarm).downloaders + this.ipv6.at(swarm).downloaders;
  }

  bornAt(swarm: number): number {
    return this.#swarms[swarm * FIELDS + BORN_AT]!;
  }
  heardAt(swarm: number): number {
    return this.#swarms[swarm * FIELDS + HEARD_AT]!;
  }
  setHeardAt(swarm: number, second: number): void {
    this.#swarms[swarm * FIELDS + HEARD_AT] = second;
  }
  downloadedOf(swarm: number): number {
    return this.#swarms[swarm * FIELDS + DOWNLOADED]!;
  }
  /** Sets the history of a swarm that began before this process. */
  setHistory(swarm: number, bornAt: number, downloaded: number): void {
    this.#swarms[swarm * FIELDS + BORN_AT] = bornAt;
    this.#swarms[swarm * FIELDS + DOWNLOADED] = downloaded;
  }
  addDownloaded(swarm: number, times: number): void {
    this.#swarms[swarm * FIELDS + DOWNLOADED]! += times;
  }

  /** Forgets peers last heard of before `second`, at most `limit` of them. @returns their number */
  expire(swarm: number, second: number, limit: number): number {
    const removed = this.ipv4.at(swarm).expire(second, limit);
    return removed + this.ipv6.at(swarm).expire(second, limit - removed);
  }

  /** Gives the memory of forgotten swarms and peers back, when it is much. */
  tidyUp(): void {
    this.ipv4.tidyUp();
    this.ipv6.tidyUp();
  }

  #swapInfoHashes(a: number, b: number): void {
    const bytes = this.#infoHashes;
    for (let at = 0; at < INFO_HASH_BYTES; at += 1) {
      const byte = bytes[a * INFO_HASH_BYTES + at]!;
      bytes[a * INFO_HASH_BYTES + at] = bytes[b * INFO_HASH_BYTES + at]!;
      bytes[b * INFO_HASH_BYTES + at] = byte;
    }
  }

  #resize(capacity: number): void {
    const infoHashes = Buffer.alloc(capacity * INFO_HASH_BYTES);
    this.#infoHashes.copy(infoHashes, 0, 0, this.#count * INFO_HASH_BYTES);
    this.#infoHashes = infoHashes;
    const swarms = new Int32Array(capacity * FIELDS);
    swarms.set(this.#swarms.subarray(0, swarms.length));
    this.#swarms = swarms;
    this.ipv4.use(swarms);
    this.ipv6.use(swarms);
    this.#index = new KeyIndex(infoHashes, INFO_HASH_BYTES, this.#places, MAX_CAPACITY);
    this.#index.build(this);
  }
}
