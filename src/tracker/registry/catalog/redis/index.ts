export { RedisCatalog, type RedisCatalogOptions } from './redis-catalog.ts';
