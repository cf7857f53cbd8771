import type { ListedTorrent } from '../../../../tracker-protocol/index.ts';
import { fromHex, parseInfoHash, toHex } from '../../../../util/index.ts';
import type { Departure, NewSeeder, Page, StoredSeeder, StoredTorrent } from '../catalog.ts';

/* What scripts are given of the catalog, and what they give back. */

export type TorrentReply = readonly [
  infoHash: Buffer,
  v2: Buffer,
  size: Buffer,
  sha256: Buffer,
  name: Buffer,
];
export type ListingReply = readonly [...TorrentReply, seeders: number];
export type SeederReply = readonly [
  id: Buffer,
  about: Buffer,
  registeredAge: number,
  seenAge: number,
  torrents: number,
  /** Empty when it is not known. */
  isReachable: Buffer,
];
/** Without the seeder, if what was kept of it was damaged. */
export type DepartureReply = readonly [SeederReply | null, readonly TorrentReply[]];
export type PageReply<Item> = readonly [total: number, next: Buffer, items: readonly Item[]];

/** What the server keeps of a seeder and does not look into. */
interface About {
  readonly host: string;
  readonly port: number;
  readonly peerId: string;
  readonly tokenHash: string;
  readonly claimedBy?: string | undefined;
}

/** Writes it as `recordOf()` of the scripts has to find it, field by field. */
export function describeSeeder(seeder: NewSeeder): string {
  const { host, port } = seeder.address;
  const { peerId, tokenHash, claimedBy } = seeder;
  const about: About = { host, port, peerId: toHex(peerId), tokenHash: toHex(tokenHash), claimedBy };
  return JSON.stringify(about);
}

/** @param now of the caller's clock */
export function readSeeder(
  [id, about, registeredAge, seenAge, torrents, isReachable]: SeederReply,
  now: number,
): StoredSeeder {
  const { host, port, peerId, tokenHash, claimedBy } = JSON.parse(about.toString()) as About;
  return {
    id: id.toString(),
    address: { host, port },
    peerId: Uint8Array.from(fromHex(peerId)),
    tokenHash: Uint8Array.from(fromHex(tokenHash)),
    registeredAt: now - registeredAge,
    seenAt: now - seenAge,
    torrents,
    ...(claimedBy !== undefined && { claimedBy }),
    ...(isReachable.length > 0 && { isReachable: isReachable.toString() === '1' }),
  };
}

export function torrentFields({ infoHash, infoHashV2, size, sha256, name }: StoredTorrent): string[] {
  return [infoHash, infoHashV2 ?? '', String(size), sha256 ?? '', name];
}

export function readTorrent([infoHash, v2, size, sha256, name]: TorrentReply | ListingReply): StoredTorrent {
  return {
    infoHash: parseInfoHash(infoHash.toString()),
    ...(v2.length > 0 && { infoHashV2: parseInfoHash(v2.toString()) }),
    name: name.toString(),
    size: Number(size.toString()),
    ...(sha256.length > 0 && { sha256: sha256.toString() }),
  };
}

export function readListing(reply: ListingReply): ListedTorrent {
  return { ...readTorrent(reply), seeders: reply[5] };
}

/** @returns `undefined` when nobody knows any more who has left, and from where */
export function readDeparture([seeder, torrents]: DepartureReply, now: number): Departure | undefined {
  return seeder === null
    ? undefined
    : { seeder: readSeeder(seeder, now), torrents: torrents.map(readTorrent) };
}

export function readPage<Reply, Item>(
  [total, next, items]: PageReply<Reply>,
  read: (item: Reply) => Item,
): Page<Item> {
  return { items: items.map(read), total, ...(next.length > 0 && { next: next.toString() }) };
}
