import type { FileListing } from '../hashing/index.ts';
import { exactPathOf, linkTargetOf, type Metainfo } from '../metainfo/index.ts';

/** The metainfo of a folder that is offered as one. */
export type OfferedFolder = Pick<Metainfo, 'files' | 'symlinks' | 'emptyFolders'>;

/** The files, links and empty folders in a folder on disk. */
export type FolderTree = Pick<FileListing, 'files' | 'links' | 'emptyFolders'>;

/**
 * Compares what is in a folder now with what is offered of it: which files, links and empty folders there are, which files are
 * executable, and where links lead. What is in the files is not looked at.
 *
 * @param isLeftOut tells whether something on disk was left out of the offer, because it could not be used
 * @returns a phrase for each difference, such as `"sub/new" was added`
 */
export function folderDifferences(
  { files, symlinks, emptyFolders }: OfferedFolder,
  found: FolderTree,
  isLeftOut: (diskPath: string) => boolean,
): readonly string[] {
  const offered = new Map([
    ...files.map((file) => [pathOf(file), file.attr?.includes('x') === true ? 'program' : 'file'] as const),
    ...symlinks.map((link) => [pathOf(link), `link to ${linkTargetOf(link)}`] as const),
    ...emptyFolders.map((folder) => [pathOf(folder), 'empty folder'] as const),
  ]);
  const there = new Map(
    [
      ...found.files.map((file) => [file, file.isExecutable ? 'program' : 'file'] as const),
      ...found.links.map((link) => [link, `link to ${link.linkText}`] as const),
      ...found.emptyFolders.map((folder) => [folder, 'empty folder'] as const),
    ]
      .filter(([entry]) => !isLeftOut(entry.diskPath))
      .map(([entry, kind]) => [pathOf(entry), kind] as const),
  );
  // A folder that became empty, or is not empty any more, is told by what was removed or added in it.
  const folders = foldersAbove([...offered.keys(), ...there.keys()]);
  const isOwn = (path: string) => !folders.has(path);
  const added = [...there.keys()].filter((path) => !offered.has(path) && isOwn(path)).map(say('was added'));
  const removed = [...offered.keys()]
    .filter((path) => !there.has(path) && isOwn(path))
    .map(say('was removed'));
  const changed = [...offered].filter(([path, kind]) => (there.get(path) ?? kind) !== kind);
  return [
    ...added,
    ...removed,
    ...changed.map(([path]) => path).map(say('has another mode, kind or target')),
  ];
}

/** Finds all folders that lie above paths. */
function foldersAbove(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

function pathOf(entry: Parameters<typeof exactPathOf>[0]): string {
  return exactPathOf(entry).join('/');
}

function say(what: string): (path: string) => string {
  return (path) => `${JSON.stringify(path)} ${what}`;
}
