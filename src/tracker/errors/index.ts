export { RegistryError, unknownSeeder } from './registry-error.ts';
export { STORE_RETRY_IN, StoreUnavailableError, unlessAway } from './store-unavailable-error.ts';
export { TrackerStartError } from './tracker-start-error.ts';
