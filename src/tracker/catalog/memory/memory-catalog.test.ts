import { describeCatalog } from '../catalog-conformance.ts';
import { MemoryCatalog } from './memory-catalog.ts';

describeCatalog('MemoryCatalog', (limits) => new MemoryCatalog(limits));
