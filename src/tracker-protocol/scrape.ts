import type { InfoHash } from '../util/index.ts';

/** The request for the counts of some swarms. @see BEP 48 */
export interface ScrapeRequest {
  readonly infoHashes: readonly InfoHash[];
}

/** @see BEP 48, BEP 21 for `downloaders` */
export interface ScrapeEntry {
  /** Seeders. */
  readonly complete: number;
  /** The number of peers that are no seeders. */
  readonly incomplete: number;
  /** The number of announces of `completed`. */
  readonly downloaded: number;
  /** The number of peers in `incomplete` that still download, without partial seeds. */
  readonly downloaders?: number;
}

export interface ScrapeResponse {
  readonly files: ReadonlyMap<InfoHash, ScrapeEntry>;
}
