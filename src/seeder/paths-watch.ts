import { dirname, relative, resolve, sep } from 'node:path';
import type { FolderReader } from '../hashing/index.ts';
import type { Clock, ReportError } from '../util/index.ts';
import { FileFinder, type FoundSource } from './file-finder.ts';
import { findSources, folderSourceOf } from './find-sources.ts';
import { FolderWatch } from './folder-watch.ts';
import type { Offer, OfferSource } from './offer.ts';
import type { SeederError } from './seeder-error.ts';
import type { SeederOptions } from './seeder-options.ts';
import { lookAtSource } from './source-sight.ts';

/** The options of a {@link PathsWatch}. */
export interface PathsWatchOptions {
  readonly options: SeederOptions;
  readonly clock: Clock;
  readonly report: ReportError;
  readonly pool: FolderReader;
  /** The offers that were made at the start. */
  readonly offers: readonly Offer[];
  /** The errors at the start, which were reported already. */
  readonly notOffered: readonly SeederError[];
  /** Tells the paths of the files that are offered or awaited. */
  readonly known: () => ReadonlySet<string>;
  /** Makes an offer of a folder. */
  readonly make: (source: OfferSource) => Promise<Offer>;
  /** Called after each search with the new files, and the paths of all. */
  readonly onFound: (found: readonly FoundSource[], all: ReadonlySet<string>) => void;
  /** Called with a new version of a folder. */
  readonly onVersion: (offer: Offer) => void;
}

/**
 * The watch of a seeder over its `paths` for what is added, changed and removed: a search for new files, or a watch over each
 * folder that is offered as one. Without the option `watch`, there is nothing to watch.
 */
export class PathsWatch {
  readonly #finder: FileFinder | undefined;
  /** The watches over folders that are offered as one, by their paths as they were given. */
  readonly #folders = new Map<string, FolderWatch>();
  /** The watched paths as they were given, by their absolute paths. */
  readonly #roots = new Map<string, string>();
  /** The watched paths above each folder of which an event has told. */
  readonly #rootsOfFolders = new Map<string, readonly string[]>();

  constructor(options: PathsWatchOptions) {
    const { paths = [], asOne = false, watch = false } = options.options;
    if (!watch || paths.length === 0) return;
    for (const path of paths) this.#roots.set(resolve(path), path);
    if (!asOne) this.#finder = finderIn(paths, options);
    else for (const path of paths) this.#folders.set(path, folderWatchOf(path, options));
  }

  /** Lists the folders whose events matter. */
  *foldersToHear(): Generator<string> {
    this.#rootsOfFolders.clear();
    // The folder above tells that a path was made, or another one put into its place.
    for (const [absolute, path] of this.#roots) yield* [dirname(absolute), path];
    yield* this.#finder?.folders ?? [];
    for (const folder of this.#folders.values()) yield* folder.folders;
  }

  /** Looks soon at what an event tells of. @returns whether it is at or below a watched path */
  tell(folder: string, name: string): boolean {
    const roots = this.#rootsAt(folder, name);
    if (roots.length === 0) return false;
    this.#finder?.hurry();
    for (const path of roots) this.#folders.get(path)?.hurry();
    return true;
  }

  /** Takes note that an offer was withdrawn. @returns whether this watch offers it again; another one has to otherwise */
  withdrawn({ source }: Offer): boolean {
    const watch = source.kind === 'folder' ? this.#folders.get(source.path) : undefined;
    watch?.withdrawn();
    return watch !== undefined;
  }

  close(): void {
    this.#finder?.close();
    for (const watch of this.#folders.values()) watch.close();
  }

  /** Finds the watched paths that a folder is in, or that something in it stands at. */
  #rootsAt(folder: string, name: string): readonly string[] {
    const at = this.#roots.get(resolve(folder, name));
    if (at !== undefined) return [at];
    const known = this.#rootsOfFolders.get(folder);
    if (known !== undefined) return known;
    const roots = [...this.#roots.values()].filter((root) => isAtOrBelow(root, folder));
    this.#rootsOfFolders.set(folder, roots);
    return roots;
  }
}

function finderIn(
  paths: readonly string[],
  { options, clock, report, pool, known, onFound }: PathsWatchOptions,
): FileFinder {
  const { version = 'v1' } = options;
  return new FileFinder({
    clock,
    report,
    find: () => findSources(pool, paths, { ...options, version }, []),
    known,
    onFound,
  });
}

function folderWatchOf(
  path: string,
  { options, clock, report, pool, offers, notOffered, make, onVersion }: PathsWatchOptions,
): FolderWatch {
  const source = folderSourceOf(path, options);
  return new FolderWatch({
    clock,
    report,
    source,
    offer: offers.find((offer) => offer.path === path),
    told: notOffered.find((failure) => failure.path === path)?.message,
    look: () => lookAtSource(pool, source),
    make: () => make(source),
    onVersion,
  });
}

function isAtOrBelow(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '..' && !between.startsWith(`..${sep}`);
}
