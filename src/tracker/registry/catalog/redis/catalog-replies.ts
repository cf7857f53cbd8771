import type { ListedTorrent } from '../../../../tracker-protocol/index.ts';
import { fromHex, parseInfoHash, toHex } from '../../../../util/index.ts';
import type { Departure, NewSeeder, Page, StoredSeeder, StoredTorrent } from '../catalog.ts';

/* The arguments and the replies of the catalog's scripts. "Reply" is Redis' own word. */

export type TorrentReply = readonly [
  infoHash: Buffer,
  v2: Buffer,
  size: Buffer,
  sha256: Buffer,
  name: Buffer,
  contentId: Buffer,
  files: Buffer,
];
export type ListingReply = readonly [...TorrentReply, seeders: number];
export type SeederReply = readonly [
  id: Buffer,
  about: Buffer,
  registeredAge: number,
  seenAge: number,
  torrents: number,
  /** Empty when it is not known whether the seeder can be reached. */
  isReachable: Buffer,
];
/** The reply with a seeder that has left; the seeder is `null` if its record was damaged. */
export type DepartureReply = readonly [SeederReply | null, readonly TorrentReply[]];
export type PageReply<Item> = readonly [total: number, next: Buffer, items: readonly Item[]];

/** The fields of a seeder that the server stores and the scripts do not read. */
interface About {
  readonly host: string;
  readonly port: number;
  readonly peerId: string;
  readonly tokenHash: string;
  readonly claimedBy?: string | undefined;
}

/** Writes the record of a seeder in the order of fields in which `recordOf()` of the scripts reads it. */
export function describeSeeder(seeder: NewSeeder): string {
  const { host, port } = seeder.address;
  const { peerId, tokenHash, claimedBy } = seeder;
  const about: About = { host, port, peerId: toHex(peerId), tokenHash: toHex(tokenHash), claimedBy };
  return JSON.stringify(about);
}

/** @param now the time of the caller's clock */
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

/** Writes the fields of a torrent in the order of {@link TorrentReply}; those that it has not are empty. */
export function torrentFields(torrent: StoredTorrent): string[] {
  const { infoHash, infoHashV2, size, sha256, name, contentId, files } = torrent;
  return [
    infoHash,
    infoHashV2 ?? '',
    String(size),
    sha256 ?? '',
    name,
    contentId ?? '',
    files === undefined ? '' : String(files),
  ];
}

export function readTorrent(reply: TorrentReply | ListingReply): StoredTorrent {
  const [infoHash, v2, size, sha256, name, contentId, files] = reply;
  return {
    infoHash: parseInfoHash(infoHash.toString()),
    ...(v2.length > 0 && { infoHashV2: parseInfoHash(v2.toString()) }),
    name: name.toString(),
    size: Number(size.toString()),
    ...(sha256.length > 0 && { sha256: sha256.toString() }),
    ...(contentId.length > 0 && { contentId: contentId.toString() }),
    ...(files.length > 0 && { files: Number(files.toString()) }),
  };
}

export function readListing(reply: ListingReply): ListedTorrent {
  return { ...readTorrent(reply), seeders: reply[7] };
}

/** @returns `undefined` when the record of the seeder is lost */
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
