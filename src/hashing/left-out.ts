/** The counts of things in a folder that a listing leaves out. A folder counts as one thing, with all that is in it. */
export interface LeftOut {
  /** Symbolic links, when links are not followed; only where files are offered one by one, not in a folder as one. */
  readonly links: number;
  /** Symbolic links that lead back to a folder above them, when links are followed. */
  readonly loops: number;
  /** Files and folders whose names start with a dot. */
  readonly hidden: number;
  /** Folders with nothing in them; only where files are offered one by one, not in a folder as one. */
  readonly emptyFolders: number;
  /** Devices, named pipes and sockets. */
  readonly special: number;
}

const NOTHING_LEFT_OUT: LeftOut = { links: 0, loops: 0, hidden: 0, emptyFolders: 0, special: 0 };

/** The words for each count, for one and for several. */
const WORDS: Readonly<Record<keyof LeftOut, readonly [one: string, several: string]>> = {
  hidden: ['hidden file or folder', 'hidden files or folders'],
  links: ['symbolic link', 'symbolic links'],
  loops: ['link back to a folder above it', 'links back to folders above them'],
  emptyFolders: ['empty folder', 'empty folders'],
  special: ['device, pipe or socket', 'devices, pipes or sockets'],
};
const KINDS = Object.keys(WORDS) as (keyof LeftOut)[];

/** Adds up the counts of several listings. All are 0 for an empty list. */
export function sumLeftOut(parts: readonly LeftOut[]): LeftOut {
  const total = { ...NOTHING_LEFT_OUT };
  for (const part of parts) for (const kind of KINDS) total[kind] += part[kind];
  return total;
}

/** Describes the counts: `2 hidden files or folders, 1 symbolic link`. @returns `undefined` when all are 0 */
export function describeLeftOut(leftOut: LeftOut): string | undefined {
  const parts = KINDS.filter((kind) => leftOut[kind] > 0).map((kind) => {
    const count = leftOut[kind];
    return `${count} ${WORDS[kind][count === 1 ? 0 : 1]}`;
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}
