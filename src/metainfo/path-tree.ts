/**
 * The folders and files of a list of paths, each with one number. A path is looked up only from the name at which it
 * differs from the path before it, so that files of one folder cost one look-up each, however deep the folder is.
 */
export class PathTree {
  /** The numbers, by the number of the folder above and the folded name in it. */
  readonly #nodes = new Map<string, number>();
  /** For each number, whether something lies below it. The root is 0. */
  readonly #isFolder = [true];
  readonly #fold: (name: string) => string;
  #lastPath: readonly string[] = [];
  #lastNodes: number[] = [];
  #lookups = 0;

  /** @param fold gives the same text for all names that may be one place */
  constructor(fold: (name: string) => string) {
    this.#fold = fold;
  }

  /** The number of folders and files. All their numbers are less than this. */
  get size(): number {
    return this.#isFolder.length;
  }

  /** The number of names that were looked up. Time and memory grow with it. */
  get lookups(): number {
    return this.#lookups;
  }

  /** Tells whether a number is that of a folder. */
  isFolder(node: number): boolean {
    return this.#isFolder[node] === true;
  }

  /** Adds a path and the folders that it lies in. @returns its number, or the number of an equal path that was there */
  add(path: readonly string[]): number {
    let depth = 0;
    while (depth < this.#lastNodes.length && path[depth] === this.#lastPath[depth]) depth += 1;
    this.#lastPath = path;
    this.#lastNodes.length = depth;
    let node = this.#lastNodes.at(-1) ?? 0;
    for (; depth < path.length; depth += 1) {
      node = this.#below(node, path[depth]!);
      this.#lastNodes.push(node);
    }
    return node;
  }

  /** Tells whether a path was added, or is that of a folder of a path that was added. The root always is. */
  has(path: readonly string[]): boolean {
    let node: number | undefined = 0;
    for (const name of path) {
      node = this.#nodes.get(this.#keyOf(node, name));
      if (node === undefined) return false;
    }
    return true;
  }

  #keyOf(folder: number, name: string): string {
    return `${folder}/${this.#fold(name)}`;
  }

  #below(folder: number, name: string): number {
    this.#lookups += 1;
    const key = this.#keyOf(folder, name);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = this.#isFolder.length;
    this.#nodes.set(key, node);
    this.#isFolder[folder] = true;
    this.#isFolder.push(false);
    return node;
  }
}
