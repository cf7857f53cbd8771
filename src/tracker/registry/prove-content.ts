import { contentIdOfTorrent, type Metainfo } from '../../metainfo/index.ts';
import type { ProvenContent } from './catalog/index.ts';

/** Finds out what a metainfo proves of the content of its torrent. The time grows with the number of files. */
export function provenContent(metainfo: Metainfo): ProvenContent {
  if (metainfo.isSingleFile) return {};
  return { contentId: contentIdOfTorrent(metainfo), files: metainfo.files.length };
}
