export { type CachedHashes, HashCache } from './hash-cache.ts';
