import { DEFAULT_LIMITS, type LimitValues } from '../../settings.ts';
import { CatalogFullError, type StoredTorrent } from './catalog.ts';

/** The number of bytes of a name for which a torrent counts once more in a share; most file systems allow 255 in a name. */
export const NAME_BYTES_PER_HOLDING = 256;
/** The limits of a catalog, which can be replaced while it is used. */
export type CatalogLimits = Partial<
  Pick<
    LimitValues,
    | 'maxSeeders'
    | 'maxHoldings'
    | 'maxCatalogBytes'
    | 'maxSeedersPerAddress'
    | 'maxHoldingsPerAddress'
    | 'maxCatalogBytesPerAddress'
  >
>;

/** Fills in the limits that are not given. */
export function withDefaults(limits: CatalogLimits): Required<CatalogLimits> {
  return { ...DEFAULT_LIMITS, ...limits };
}

export function tooManySeeders(limit: number): CatalogFullError {
  return new CatalogFullError(
    'TOO_MANY_SEEDERS',
    `Cannot register another seeder: ${limit} are registered, which is the limit`,
  );
}

/** @param count of the torrents that were refused @param registered the torrents that the catalog has */
export function tooManyTorrents(count: number, registered: number, limit: number): CatalogFullError {
  return new CatalogFullError(
    'TOO_MANY_TORRENTS',
    `Cannot register ${count} torrents: ${registered} of ${limit} are registered`,
  );
}

/** @param bytes of the metainfo that was refused @param taken by the metainfo that the catalog has */
export function tooMuchMetainfo(bytes: number, taken: number, limit: number): CatalogFullError {
  return new CatalogFullError(
    'TOO_MUCH_METAINFO',
    `Cannot keep ${bytes} bytes of metainfo: ${taken} of ${limit} are taken`,
  );
}

/** Says how many torrents one counts as in the share of an address: more than one if its name is very long. */
export function weightOf({ name }: StoredTorrent): number {
  return 1 + Math.floor(Buffer.byteLength(name) / NAME_BYTES_PER_HOLDING);
}

/** Says what the operator of an address that has used up its share can do. */
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

/** @param count of the torrents that were refused @param registered the torrents that the address has */
export function tooManyTorrentsOfAddress(count: number, registered: number, limit: number): CatalogFullError {
  const message = `Cannot register ${count} torrents: other seeders of this address have ${registered}, and ${limit} are the most of one address`;
  return new CatalogFullError(
    'TOO_MANY_TORRENTS',
    `${message}. ${howToGetMore('tracker.maxHoldingsPerAddress')}`,
  );
}

/** @param bytes of the metainfo that was refused @param taken by the metainfo of the address */
export function tooMuchMetainfoOfAddress(bytes: number, taken: number, limit: number): CatalogFullError {
  const message = `Cannot keep ${bytes} bytes of metainfo: ${taken} of the ${limit} of one address are taken`;
  return new CatalogFullError(
    'TOO_MUCH_METAINFO',
    `${message}. ${howToGetMore('tracker.maxCatalogBytesPerAddress')}`,
  );
}
