/** What `docs/architecture.md` says about `src/`. */
export interface Architecture {
  /** The layer of each folder of `src/`, from the table of who may import whom. */
  readonly layers: ReadonlyMap<string, number>;
  /** The floor of each folder in a folder that has floors (`tracker/swarms`), from the table of that folder's floors. */
  readonly floors: ReadonlyMap<string, number>;
  /** Folders (`tracker/swarms`) and files (`tracker/announce.ts`) that the tree draws on lines of their own. */
  readonly drawn: readonly string[];
  /** Folders that the words beside a line speak of, as in `swarms/   SwarmStore port; memory/, redis/`. */
  readonly mentioned: readonly string[];
}

/** `| 2 adapters | storage, hashing | layers 0-1 |` */
const ROW = /^\|\s*(\d)\s[^|]*\|([^|]*)\|/gm;

/** The table of layers, and the tables that begin with `| floor of tracker |`: the name of the folder, and the rows. */
const TABLE = /^\|\s*(?:layer|floor of ([\w-]+))\s*\|.*\n((?:\|.*\n)*)/gm;

/** The tree: from the line `src/` to the next line that is not indented. */
const TREE = /^src\/\n((?: .*\n)*)/m;

/** `    http/ udp/   front ends: …` */
const TREE_LINE = /^( +)((?:[\w.-]+(?:\/|\.ts)(?:\s+|$))+)(.*)$/;

/** Spaces of a level in the tree. */
const INDENT = 2;

/** @throws {Error} when the document lacks the tree or the table */
export function parseArchitecture(markdown: string): Architecture {
  const layers = new Map<string, number>();
  const floors = new Map<string, number>();
  for (const [, parent, rows] of markdown.matchAll(TABLE)) {
    for (const [, number, folders] of rows!.matchAll(ROW)) {
      for (const name of folders!.split(',').map((folder) => folder.trim())) {
        if (parent === undefined) layers.set(name, Number(number));
        else floors.set(`${parent}/${name}`, Number(number));
      }
    }
  }
  if (layers.size === 0) throw new Error('has no table of layers ("| 5 edge | cli | everything |")');
  const tree = TREE.exec(markdown)?.[1];
  if (tree === undefined) throw new Error('has no tree that begins with the line "src/"');
  return { layers, floors, ...parseTree(tree) };
}

function parseTree(tree: string): Pick<Architecture, 'drawn' | 'mentioned'> {
  const drawn: string[] = [];
  const mentioned: string[] = [];
  const parents: string[] = [];
  for (const line of tree.split('\n')) {
    const [, indent, names, words] = TREE_LINE.exec(line) ?? [];
    if (indent === undefined) continue;
    const depth = indent.length / INDENT - 1;
    const parent = parents.slice(0, depth).join('');
    for (const name of names!.trim().split(/\s+/)) {
      drawn.push((parent + name).replace(/\/$/, ''));
      parents[depth] = name;
    }
    const folder = drawn.at(-1)!;
    for (const [, name] of words!.matchAll(/(?<![\w/])([\w-]+)\/(?![\w/])/g))
      mentioned.push(`${folder}/${name}`);
  }
  return { drawn, mentioned };
}
