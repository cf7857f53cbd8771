import { describeSwarmStore } from '../swarm-store-conformance.ts';
import { MemorySwarmStore } from './memory-swarm-store.ts';

describeSwarmStore('MemorySwarmStore', (options) => new MemorySwarmStore(options));
