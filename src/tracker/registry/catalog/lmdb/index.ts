export { LmdbCatalog, type LmdbCatalogOptions } from './lmdb-catalog.ts';
export { type Meta, readMeta } from './lmdb-layout.ts';
export { openCatalog } from './open-catalog.ts';
