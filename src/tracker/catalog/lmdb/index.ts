export { findDamage } from './find-damage.ts';
export { LmdbCatalog, type LmdbCatalogOptions } from './lmdb-catalog.ts';
export { setAside } from './set-aside.ts';
