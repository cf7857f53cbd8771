import {
  beginAlike,
  CUSTOMER_SHARES,
  customerBytes,
  isPrivateAt,
  PRIVATE_SHARES,
  siteBytes,
} from '../peer-site.ts';
import type { PeerRole } from '../swarm-store.ts';
import { isNamedByOther, REGISTRY } from './holder.ts';
import type { RowVisitor } from './key-index.ts';
import type { PeerTables } from './peer-tables.ts';

/**
 * The number of peers of one address from which on addresses take turns in responses of a swarm smaller than {@link
 * SMALL_SWARM}.
 */
export const CROWD = 8;
/** The number of peers of one address from which on addresses take turns in a swarm of any size. */
export const LARGE_CROWD = 32;

/**
 * The share of the peers of a swarm that one address may have. It is checked before a peer is added, and takes no memory:
 * peers of one address are close to each other in the index, so that counting them is looking at some slots.
 *
 * For one peer too many, another one of the same address gives way, never one of other addresses. The uploaders and the
 * downloaders of an address have half of its places each where there are enough of both, so that a seeder is not forgotten
 * for the downloaders around it; the one that has been silent for the longest time gives way. Peers at the address that
 * another client has named give way before all others, registered seeders never.
 */
export class AddressShare implements RowVisitor {
  readonly #site = new Group();
  readonly #customer = new Group();
  #table!: PeerTables;
  #address!: Uint8Array;
  #siteBytes = 0;
  #customerBytes = 0;

  /**
   * Makes sure that the table may take another peer.
   *
   * @param holder the holder of the record
   * @param perAddress peers that a public address may have
   * @returns the number of peers that were forgotten for it; -1 when there is no room
   */
  makeRoom(
    table: PeerTables,
    address: Uint8Array,
    role: PeerRole,
    holder: number,
    perAddress: number,
  ): number {
    if (table.count < Math.min(perAddress, CROWD)) return 0;
    const isPrivate = isPrivateAt(address, 0, address.length);
    this.#look(table, address, holder);
    if (this.#site.count >= CROWD) table.noteCrowd(this.#site.count >= LARGE_CROWD);
    const perSite = isPrivate ? perAddress * PRIVATE_SHARES : perAddress;
    const group = this.#site.count >= perSite ? this.#site : this.#customer;
    let removed = 0;
    if (group.count >= (group === this.#site ? perSite : Math.max(perSite, perAddress * CUSTOMER_SHARES))) {
      const row = group.givesWayTo(role, holder);
      if (row === -1) return -1;
      table.removeRow(row);
      removed = 1;
    }
    return isNamedByOther(holder) ? removed + forgetNamed(table, holder, perAddress) : removed;
  }

  visit(row: number): void {
    const { rows, addressSize, start, uploaders } = this.#table;
    const at = row * addressSize;
    if (!beginAlike(rows.addresses, at, this.#address, 0, this.#customerBytes)) return;
    const holder = rows.holderAt(row);
    const isUploader = row < start + uploaders;
    const seenAt = rows.seenAt(row);
    this.#customer.add(row, isUploader, holder, seenAt);
    if (beginAlike(rows.addresses, at, this.#address, 0, this.#siteBytes)) {
      this.#site.add(row, isUploader, holder, seenAt);
    }
  }

  #look(table: PeerTables, address: Uint8Array, holder: number): void {
    this.#table = table;
    this.#address = address;
    this.#siteBytes = siteBytes(address, 0, address.length);
    this.#customerBytes = customerBytes(address, 0, address.length);
    this.#site.begin(holder);
    this.#customer.begin(holder);
    table.rows.index.visitGroup(table, address, this);
  }
}

/**
 * Forgets one of the peers that a client has named, if they are as many as it may name.
 *
 * @returns the number of peers that were forgotten: 0 or 1
 */
function forgetNamed(table: PeerTables, holder: number, most: number): number {
  const { rows, start, count } = table;
  let named = 0;
  let oldest = -1;
  for (let row = start; row < start + count; row += 1) {
    if (rows.holderAt(row) !== holder) continue;
    named += 1;
    if (oldest === -1 || rows.seenAt(row) < rows.seenAt(oldest)) oldest = row;
  }
  if (named < most) return 0;
  table.removeRow(oldest);
  return 1;
}

/**
 * The rows of one group of addresses in a table: their number, and for each kind the row that has been silent for the
 * longest time, or -1.
 */
class Group {
  count = 0;
  #uploaders = 0;
  #holder = 0;
  readonly #oldest = {
    uploader: new Oldest(),
    downloader: new Oldest(),
    named: new Oldest(),
    own: new Oldest(),
  };

  begin(holder: number): void {
    this.count = 0;
    this.#uploaders = 0;
    this.#holder = holder;
    const { uploader, downloader, named, own } = this.#oldest;
    uploader.row = -1;
    downloader.row = -1;
    named.row = -1;
    own.row = -1;
  }

  add(row: number, isUploader: boolean, holder: number, seenAt: number): void {
    const { uploader, downloader, named, own } = this.#oldest;
    this.count += 1;
    if (isUploader) this.#uploaders += 1;
    if (holder === REGISTRY) return;
    if (holder === this.#holder) own.see(row, seenAt);
    if (isNamedByOther(holder)) named.see(row, seenAt);
    else if (isUploader) uploader.see(row, seenAt);
    else downloader.see(row, seenAt);
  }

  /** @returns the row of the peer that gives way to another one of the group; -1 when none does */
  givesWayTo(role: PeerRole, holder: number): number {
    const { uploader, downloader, named, own } = this.#oldest;
    if (isNamedByOther(holder)) return own.row;
    if (named.row !== -1) return named.row;
    const uploadersAhead = 2 * this.#uploaders - this.count;
    const isUploaders = uploadersAhead === 0 ? role !== 'downloader' : uploadersAhead > 0;
    const [first, second] = isUploaders ? [uploader, downloader] : [downloader, uploader];
    return first.row === -1 ? second.row : first.row;
  }
}

/** The row of a kind that has been silent for the longest time. */
class Oldest {
  row = -1;
  #seenAt = 0;

  see(row: number, seenAt: number): void {
    if (this.row !== -1 && this.#seenAt <= seenAt) return;
    this.row = row;
    this.#seenAt = seenAt;
  }
}
