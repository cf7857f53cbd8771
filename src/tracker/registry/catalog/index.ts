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
export type { CatalogLimits } from './catalog-limits.ts';
export { addressTaken, mayBeHandedOut } from './claims.ts';
