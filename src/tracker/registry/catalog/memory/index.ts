export type { MetainfoStore } from './catalog-metainfo.ts';
export { MemoryCatalog } from './memory-catalog.ts';
