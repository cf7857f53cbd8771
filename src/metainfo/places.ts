import { type DiskPlatform, diskPathsOf } from './disk-paths.ts';
import { exactPathOf } from './entry-path.ts';
import type { EntryPath, Metainfo } from './metainfo.ts';

/** The paths of a torrent's entries below its folder on a disk, in the order of the torrent. */
export interface EntryPlaces {
  readonly files: readonly (readonly string[])[];
  readonly links: readonly (readonly string[])[];
  readonly emptyFolders: readonly (readonly string[])[];
}

/**
 * Decides where the files, links and empty folders of a torrent go below its folder, by the rules of `diskPathsOf()`. All
 * are decided together, so that no two are one place. A name that is not UTF-8 has its very bytes on Linux, in the form of
 * `diskPathFromBytes()`. A path that the disk can hold as it is, is the very list of {@link namesOn}.
 */
export function placesOf(
  { files, symlinks, emptyFolders }: Pick<Metainfo, 'files' | 'symlinks' | 'emptyFolders'>,
  platform: DiskPlatform,
): EntryPlaces {
  const entries: EntryPath[] = [...files, ...symlinks, ...emptyFolders];
  const placed = diskPathsOf(
    entries.map((entry) => namesOn(entry, platform)),
    platform,
  );
  const linksEnd = files.length + symlinks.length;
  return {
    files: placed.slice(0, files.length),
    links: placed.slice(files.length, linksEnd),
    emptyFolders: placed.slice(linksEnd),
  };
}

/** Gets the names of an entry as a system's disks can hold them, if they hold them at all. */
export function namesOn(entry: EntryPath, platform: DiskPlatform): readonly string[] {
  return platform === 'linux' ? exactPathOf(entry) : entry.path;
}
