import { MemoryStorage } from './memory-storage.ts';
import { describeStorage } from './storage-conformance.ts';

describeStorage('MemoryStorage', async (files) => new MemoryStorage(files));
