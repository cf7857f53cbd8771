export {
  MAX_HOLDINGS,
  MAX_SEEDERS,
  MemoryCatalog,
  type MemoryCatalogLimits,
} from './memory-catalog.ts';
export { MAX_CATALOG_BYTES, type MetainfoStore } from './metainfo-shelf.ts';
