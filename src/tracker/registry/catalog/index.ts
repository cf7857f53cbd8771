export {
  AddressTakenError,
  type Bringer,
  type Catalog,
  CatalogFullError,
  type CatalogQuery,
  type Departure,
  type NewSeeder,
  type Page,
  type PageRequest,
  type StoredSeeder,
  type StoredTorrent,
} from './catalog.ts';
export type { CatalogLimits } from './catalog-limits.ts';
export { addressTaken, mayBeHandedOut } from './claims.ts';
export { type ProvenContent, withContent } from './proven-content.ts';
