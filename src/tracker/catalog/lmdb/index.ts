export { findDamage } from './find-damage.ts';
export { LmdbCatalog, type LmdbCatalogOptions } from './lmdb-catalog.ts';
