import type { InfoHash } from '../util/index.ts';

/** @see BEP 48 */
export interface ScrapeRequest {
  readonly infoHashes: readonly InfoHash[];
}

/** @see BEP 48, BEP 21 for `downloaders` */
export interface ScrapeEntry {
  /** Seeders. */
  readonly complete: number;
  /** All that are not seeders. */
  readonly incomplete: number;
  /** How often `completed` was announced. */
  readonly downloaded: number;
  /** Those of `incomplete` that still download: partial seeds are left out. */
  readonly downloaders?: number;
}

export interface ScrapeResponse {
  readonly files: ReadonlyMap<InfoHash, ScrapeEntry>;
}
