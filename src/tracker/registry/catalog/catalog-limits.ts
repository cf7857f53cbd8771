import { CatalogFullError, type CatalogTorrent } from './catalog.ts';

/** Seeders registered at once. */
export const MAX_SEEDERS = 20_000;
/**
 * Torrents of all seeders, each counted for each seeder that holds it: about 250 bytes of memory for each torrent with a
 * name of 30 characters, and 20 more for each further seeder that says the same of it. Its swarm takes 150 bytes besides.
 */
export const MAX_HOLDINGS = 5_000_000;
/** Bytes of all metainfo that a catalog keeps. */
export const MAX_CATALOG_BYTES = 1024 * 1024 * 1024;
/** Seeders of one address, over IPv6 of one /48, that no token let in. */
export const MAX_SEEDERS_PER_ADDRESS = 1000;
/** Torrents of all seeders of one address. With their swarms they take 50 MB of memory, hybrids with long names 95. */
export const MAX_HOLDINGS_PER_ADDRESS = 125_000;
/** Bytes of a name for which a torrent counts once more in that; names of files have 255 at most on most systems. */
export const NAME_BYTES_PER_HOLDING = 256;
/** Bytes of metainfo that the seeders of one address bring, so that all that it has takes less than 200 MB. */
export const MAX_CATALOG_BYTES_PER_ADDRESS = 96 * 1024 * 1024;

/** What can be decided about a catalog, and decided again while it is used. */
export interface CatalogLimits {
  /** {@link MAX_SEEDERS} unless given. */
  readonly maxSeeders?: number;
  /** {@link MAX_HOLDINGS} unless given. */
  readonly maxHoldings?: number;
  /** Of metainfo; {@link MAX_CATALOG_BYTES} unless given. */
  readonly maxBytes?: number;
  /** Of one address; {@link MAX_SEEDERS_PER_ADDRESS} unless given. */
  readonly maxSeedersPerAddress?: number;
  /** Of one address; {@link MAX_HOLDINGS_PER_ADDRESS} unless given. */
  readonly maxHoldingsPerAddress?: number;
  /** Of metainfo of one address; {@link MAX_CATALOG_BYTES_PER_ADDRESS} unless given. */
  readonly maxBytesPerAddress?: number;
}

export function withDefaults(limits: CatalogLimits): Required<CatalogLimits> {
  return {
    maxSeeders: limits.maxSeeders ?? MAX_SEEDERS,
    maxHoldings: limits.maxHoldings ?? MAX_HOLDINGS,
    maxBytes: limits.maxBytes ?? MAX_CATALOG_BYTES,
    maxSeedersPerAddress: limits.maxSeedersPerAddress ?? MAX_SEEDERS_PER_ADDRESS,
    maxHoldingsPerAddress: limits.maxHoldingsPerAddress ?? MAX_HOLDINGS_PER_ADDRESS,
    maxBytesPerAddress: limits.maxBytesPerAddress ?? MAX_CATALOG_BYTES_PER_ADDRESS,
  };
}

export function tooManySeeders(limit: number): CatalogFullError {
  return new CatalogFullError(
    'TOO_MANY_SEEDERS',
    `Cannot register another seeder: ${limit} are registered, which is the limit`,
  );
}

/** @param count of those that came too late @param registered those there are */
export function tooManyTorrents(count: number, registered: number, limit: number): CatalogFullError {
  return new CatalogFullError(
    'TOO_MANY_TORRENTS',
    `Cannot register ${count} torrents: ${registered} of ${limit} are registered`,
  );
}

/** @param bytes of what came too late @param taken by what there is */
export function tooMuchMetainfo(bytes: number, taken: number, limit: number): CatalogFullError {
  return new CatalogFullError(
    'TOO_MUCH_METAINFO',
    `Cannot keep ${bytes} bytes of metainfo: ${taken} of ${limit} are taken`,
  );
}

/** What a torrent counts as in the share of an address: its name is all of it that may be long. */
export function weightOf({ name }: CatalogTorrent): number {
  return 1 + Math.floor(Buffer.byteLength(name) / NAME_BYTES_PER_HOLDING);
}

/** What an address that has used up its share can do. */
function howToGetMore(setting: string): string {
  return `A seeder with a token is not bound by that, and ${setting} sets it for all`;
}

export function tooManySeedersOfAddress(limit: number): CatalogFullError {
  const message = `Cannot register another seeder of this address: ${limit} are registered, the most of one address`;
  return new CatalogFullError(
    'TOO_MANY_SEEDERS',
    `${message}. ${howToGetMore('tracker.maxSeedersPerAddress')}`,
  );
}

/** @param count of those that came too late @param registered those there are of the address */
export function tooManyTorrentsOfAddress(count: number, registered: number, limit: number): CatalogFullError {
  const message = `Cannot register ${count} torrents: other seeders of this address have ${registered}, and ${limit} are the most of one address`;
  return new CatalogFullError(
    'TOO_MANY_TORRENTS',
    `${message}. ${howToGetMore('tracker.maxHoldingsPerAddress')}`,
  );
}

/** @param bytes of what came too late @param taken by what the address has brought */
export function tooMuchMetainfoOfAddress(bytes: number, taken: number, limit: number): CatalogFullError {
  const message = `Cannot keep ${bytes} bytes of metainfo: ${taken} of the ${limit} of one address are taken`;
  return new CatalogFullError(
    'TOO_MUCH_METAINFO',
    `${message}. ${howToGetMore('tracker.maxCatalogBytesPerAddress')}`,
  );
}
