import type { Metainfo } from '../metainfo/index.ts';
import { formatCount } from '../util/index.ts';
import type { GetOptions } from './get-options.ts';

/** Describes in a message what is wanted: `"a.txt" of 12 bytes with SHA-256 …`. */
export function describeWanted({ name, size, id, sha256, infoHash }: GetOptions): string {
  const what =
    infoHash === undefined ? `a file${id === undefined ? '' : ' or folder'}` : `the torrent ${infoHash}`;
  const parts = [
    name === undefined ? what : JSON.stringify(name),
    size === undefined ? '' : `of ${formatCount(size, 'byte')}`,
    id === undefined ? '' : `with the id ${id}`,
    sha256 === undefined ? '' : `with SHA-256 ${sha256}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Tells whether a torrent has an info-hash. @param infoHash 40 digits of v1, the first 40 digits of v2, or its 64 digits */
export function isTorrent({ infoHashV1, infoHashV2 }: Metainfo, infoHash: string): boolean {
  return infoHashV1 === infoHash || (infoHashV2?.startsWith(infoHash) ?? false);
}

/**
 * Finds out why a torrent cannot have a wanted id. The SHA-256 of a file shows only once it is there, unless the metainfo has
 * it.
 *
 * @param contentId the `contentIdOfTorrent()` of the torrent
 * @returns a clause to stand behind the torrent's name; `undefined` when nothing speaks against it
 */
export function idFault(metainfo: Metainfo, contentId: string | undefined, id: string): string | undefined {
  const found = metainfo.isSingleFile ? fileSha256In(metainfo) : contentId;
  if (found === id || (found === undefined && metainfo.isSingleFile)) return undefined;
  if (found === undefined)
    return 'is of a folder without an id: it lacks the SHA-256 of a file, or a link leads outside';
  return `is of other content: its id is ${found}, not ${id}`;
}

/** Reads the SHA-256 of a single file in its metainfo; `undefined` when that has none. */
function fileSha256In({ files }: Metainfo): string | undefined {
  const sha256 = files[0]?.sha256;
  return sha256 && Buffer.from(sha256).toString('hex');
}
