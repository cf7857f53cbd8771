import { describeStorage } from '../conformance/storage.ts';
import { MemoryStorage } from './memory-storage.ts';

describeStorage('MemoryStorage', async (files) => new MemoryStorage(files));
