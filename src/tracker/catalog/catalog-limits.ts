import { CatalogFullError } from './catalog.ts';

/** Seeders registered at once. */
export const MAX_SEEDERS = 20_000;
/**
 * Torrents of all seeders, each counted for each seeder that holds it: about 250 bytes of memory for each torrent with a
 * name of 30 characters, and 20 more for each further seeder that says the same of it. Its swarm takes 150 bytes besides.
 */
export const MAX_HOLDINGS = 5_000_000;
/** Bytes of all metainfo that a catalog keeps. */
export const MAX_CATALOG_BYTES = 1024 * 1024 * 1024;

/** What can be decided about a catalog, and decided again while it is used. */
export interface CatalogLimits {
  /** {@link MAX_SEEDERS} unless given. */
  readonly maxSeeders?: number;
  /** {@link MAX_HOLDINGS} unless given. */
  readonly maxHoldings?: number;
  /** Of metainfo; {@link MAX_CATALOG_BYTES} unless given. */
  readonly maxBytes?: number;
}

export function withDefaults({ maxSeeders, maxHoldings, maxBytes }: CatalogLimits): Required<CatalogLimits> {
  return {
    maxSeeders: maxSeeders ?? MAX_SEEDERS,
    maxHoldings: maxHoldings ?? MAX_HOLDINGS,
    maxBytes: maxBytes ?? MAX_CATALOG_BYTES,
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
