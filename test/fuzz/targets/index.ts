import type { FuzzTarget } from '../fuzz-target.ts';
import { bencodeTargets } from './bencode.ts';
import { metainfoTargets } from './metainfo.ts';
import { trackerAnswerTargets } from './tracker-answers.ts';
import { trackerRequestTargets } from './tracker-requests.ts';
import { webTorrentTargets } from './web-torrent.ts';
import { wireTargets } from './wire.ts';

/** Every parser that reads what strangers write. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...bencodeTargets,
  ...metainfoTargets,
  ...wireTargets,
  ...trackerRequestTargets,
  ...trackerAnswerTargets,
  ...webTorrentTargets,
];
