import type { FuzzTarget } from '../fuzz-target.ts';
import { bencodeTargets } from './bencode.ts';
import { configTargets } from './config.ts';
import { contentEncodingTargets } from './content-encoding.ts';
import { jsonTargets } from './json.ts';
import { keptFileTargets } from './kept-files.ts';
import { metainfoTargets } from './metainfo.ts';
import { textTargets } from './texts.ts';
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
  ...contentEncodingTargets,
  ...webTorrentTargets,
  ...jsonTargets,
  ...keptFileTargets,
  ...configTargets,
  ...textTargets,
];
