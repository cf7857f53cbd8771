import type { Metainfo } from '../metainfo/index.ts';
import type { Address } from '../util/index.ts';
import type { GetChoice } from './get-error.ts';

/** A torrent that may have the wanted file or folder, and what it must be checked by. */
export interface TorrentCandidate {
  readonly metainfo: Metainfo;
  /** The trackers that the `.torrent` names, by tier. They may come from a stranger. @see BEP 12 */
  readonly tiers: readonly (readonly string[])[];
  /** The announce URLs of the trackers that the user has named. Each of them is asked for peers. */
  readonly ownTrackers: readonly string[];
  /** The peers that are known from the start. */
  readonly peers: readonly Address[];
  /** The SHA-256 that a single file must have; `undefined` when it is unknown, and for a folder. */
  readonly sha256: string | undefined;
  /** The content id of a folder, which its metainfo gives; `undefined` for a file, and when the metainfo gives none. */
  readonly contentId?: string | undefined;
  /** Whether it was asked for by an id, which may be that of a file or of a folder. The default is `false`. */
  readonly isById?: boolean;
  /** Other files and folders, of other content, that also fit the query; at most `MAX_CANDIDATES`. */
  readonly others: readonly GetChoice[];
}
