import type { FuzzTarget } from '../fuzz-target.ts';
import { bencodeTargets } from './bencode.ts';
import { configTargets } from './config.ts';
import { contentEncodingTargets } from './content-encoding.ts';
import { jsonTargets } from './json.ts';
import { metainfoTargets } from './metainfo.ts';
import { stateFileTargets } from './state-files.ts';
import { textTargets } from './texts.ts';
import { trackerRequestTargets } from './tracker-requests.ts';
import { trackerResponseTargets } from './tracker-responses.ts';
import { webTorrentTargets } from './web-torrent.ts';
import { wireTargets } from './wire.ts';

/** Every parser that reads what strangers write. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...bencodeTargets,
  ...metainfoTargets,
  ...wireTargets,
  ...trackerRequestTargets,
  ...trackerResponseTargets,
  ...contentEncodingTargets,
  ...webTorrentTargets,
  ...jsonTargets,
  ...stateFileTargets,
  ...configTargets,
  ...textTargets,
];
