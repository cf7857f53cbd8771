import type { DetailedTorrent, ListedSeeder, ListedTorrent } from '../../../tracker-protocol/index.ts';
import type { StoredSeeder } from '../../registry/catalog/index.ts';

/** Turns a time of the tracker's clock into milliseconds since 1970. */
export type ToWallTime = (at: number) => number;

/* What the catalog knows, as the web API shows it: each field named here, in this order, and no other. */

export function seederView(seeder: StoredSeeder, toWallTime: ToWallTime): ListedSeeder {
  return {
    ...holderView(seeder),
    torrents: seeder.torrents,
    registeredAt: new Date(toWallTime(seeder.registeredAt)).toISOString(),
    seenAt: new Date(toWallTime(seeder.seenAt)).toISOString(),
  };
}

export function holderView({ id, address, isReachable }: StoredSeeder): DetailedTorrent['heldBy'][number] {
  const { host, port } = address;
  return { id, host, port, ...(isReachable !== undefined && { reachable: isReachable }) };
}

export function torrentView({
  infoHash,
  infoHashV2,
  name,
  size,
  sha256,
  contentId,
  files,
}: Omit<ListedTorrent, 'seeders'>): Omit<ListedTorrent, 'seeders'> {
  return {
    infoHash,
    ...(infoHashV2 !== undefined && { infoHashV2 }),
    name,
    size,
    ...(sha256 !== undefined && { sha256 }),
    ...(contentId !== undefined && { contentId }),
    ...(files !== undefined && { files }),
  };
}

export function listedTorrentView(listing: ListedTorrent): ListedTorrent {
  return { ...torrentView(listing), seeders: listing.seeders };
}
