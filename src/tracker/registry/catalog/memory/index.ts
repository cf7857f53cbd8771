export { MemoryCatalog } from './memory-catalog.ts';
export type { MetainfoStore } from './metainfo-shelf.ts';
