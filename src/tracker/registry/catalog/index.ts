export {
  AddressTakenError,
  type Bringer,
  type Catalog,
  CatalogFullError,
  type CatalogListing,
  type CatalogQuery,
  type CatalogSeeder,
  type CatalogTorrent,
  type Departure,
  type NewSeeder,
  type Page,
  type PageRequest,
} from './catalog.ts';
export {
  type CatalogLimits,
  MAX_CATALOG_BYTES,
  MAX_CATALOG_BYTES_PER_ADDRESS,
  MAX_HOLDINGS,
  MAX_HOLDINGS_PER_ADDRESS,
  MAX_SEEDERS,
  MAX_SEEDERS_PER_ADDRESS,
} from './catalog-limits.ts';
export { addressTaken, mayBeHandedOut } from './claims.ts';
