export {
  MAX_HOLDINGS,
  MAX_SEEDERS,
  MemoryCatalog,
  type MemoryCatalogOptions,
} from './memory-catalog.ts';
export { MAX_CATALOG_BYTES } from './metainfo-shelf.ts';
