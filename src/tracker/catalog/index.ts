export {
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
