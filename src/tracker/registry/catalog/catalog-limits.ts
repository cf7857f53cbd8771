import { DEFAULT_LIMITS, type LimitValues } from '../../settings.ts';
import { CatalogFullError, type StoredTorrent } from './catalog.ts';

/** Bytes of a name for which a torrent counts once more in that; names of files have 255 at most on most systems. */
export const NAME_BYTES_PER_HOLDING = 256;
/** What can be decided about a catalog, and decided again while it is used. */
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
export function weightOf({ name }: StoredTorrent): number {
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
