export { LmdbCatalog } from './lmdb-catalog.ts';
