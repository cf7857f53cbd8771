/** The counts of what a folder holds and a listing of its files leaves out. A folder counts as one, whatever is in it. */
export interface LeftOut {
  /** Symbolic links, which are taken when links are followed. */
  readonly links: number;
  /** With links followed, those that lead back to a folder they stand in. */
  readonly loops: number;
  /** Files and folders whose names start with a dot. */
  readonly hidden: number;
  /** Folders with nothing in them. */
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

/** Adds up what several listings left out; all are 0 when there are none. */
export function sumLeftOut(parts: readonly LeftOut[]): LeftOut {
  const total = { ...NOTHING_LEFT_OUT };
  for (const part of parts) for (const kind of KINDS) total[kind] += part[kind];
  return total;
}

/** Tells what was left out: `2 hidden files or folders, 1 symbolic link`. @returns `undefined` for nothing */
export function describeLeftOut(leftOut: LeftOut): string | undefined {
  const parts = KINDS.filter((kind) => leftOut[kind] > 0).map((kind) => {
    const count = leftOut[kind];
    return `${count} ${WORDS[kind][count === 1 ? 0 : 1]}`;
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}
