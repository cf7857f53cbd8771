import { posix } from 'node:path';
import {
  type DiskPlatform,
  type EntryPlaces,
  linkTargetOf,
  type Metainfo,
  namesOn,
} from '../metainfo/index.ts';

/**
 * Decides the text of each symbolic link of a torrent on a disk. It is that of the torrent, unless the link or what it leads
 * to has another place on this disk: then it leads to the new place.
 *
 * @returns the texts in the order of the links; `undefined` for a link that would lead outside on this disk
 */
export function linkTextsOf(
  metainfo: Metainfo,
  places: EntryPlaces,
  platform: DiskPlatform,
): (string | undefined)[] {
  const moved = movedPaths(metainfo, places, platform);
  return metainfo.symlinks.map((symlink, index) => {
    const text = linkTargetOf(symlink, platform);
    if (text === undefined || moved.size === 0) return text;
    const target = symlink.target.join('/');
    const from = posix.dirname(places.links[index]!.join('/'));
    const to = moved.get(target);
    const isMoved = namesOn(symlink, platform) !== places.links[index];
    if (to === undefined && !isMoved) return text;
    return posix.relative(from, to ?? target) || '.';
  });
}

/** Maps the paths of entries that have another place on this disk, and of the folders that they lie in, to those places. */
function movedPaths(
  { files, symlinks, emptyFolders }: Metainfo,
  places: EntryPlaces,
  platform: DiskPlatform,
): ReadonlyMap<string, string> {
  const moved = new Map<string, string>();
  const entries = [...files, ...symlinks, ...emptyFolders];
  const placed = [...places.files, ...places.links, ...places.emptyFolders];
  for (const [index, entry] of entries.entries()) {
    const path = namesOn(entry, platform);
    const place = placed[index]!;
    if (path === place) continue;
    for (let count = Math.min(path.length, place.length); count > 0; count -= 1) {
      // The last name of a path is that of the entry itself, and a path that was cut has lost folders.
      if ((count === path.length) !== (count === place.length)) continue;
      moved.set(path.slice(0, count).join('/'), place.slice(0, count).join('/'));
    }
  }
  return moved;
}
