import type { HashLayers } from '../metainfo/index.ts';

/** The bytes of merkle trees that are kept for hash requests, for all torrents of a session. The newest is kept in any case. */
export const HASH_TREE_CACHE_BYTES = 8 * 1024 * 1024;

/**
 * A cache of the merkle trees that were made for hash requests. All trees are made one after the other, so that only one
 * piece is in memory for it. The least recently used trees are dropped first.
 */
export class HashTreeCache {
  readonly #limit: number;
  /** The trees by owner and name, the least recently used first. */
  readonly #trees = new Map<string, HashLayers>();
  #bytes = 0;
  /** Settles when the tree that was begun last is made. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(limitBytes = HASH_TREE_CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** The bytes of all trees in the cache. */
  get size(): number {
    return this.#bytes;
  }

  /**
   * Returns a tree, and makes it if it is not in the cache.
   *
   * @param owner names the torrent
   * @param name names the tree in its torrent
   * @param make makes the tree
   */
  async get(owner: string, name: string, make: () => Promise<HashLayers>): Promise<HashLayers> {
    const key = `${owner}:${name}`;
    const known = this.#find(key);
    if (known !== undefined) return known;
    const made = this.#last.then(async () => this.#find(key) ?? this.#keep(key, await make()));
    this.#last = Promise.allSettled([made]);
    return made;
  }

  /** Drops the trees of a torrent. */
  drop(owner: string): void {
    for (const key of this.#trees.keys()) if (key.startsWith(`${owner}:`)) this.#delete(key);
  }

  #find(key: string): HashLayers | undefined {
    const tree = this.#trees.get(key);
    if (tree === undefined) return undefined;
    this.#trees.delete(key);
    this.#trees.set(key, tree);
    return tree;
  }

  #keep(newest: string, tree: HashLayers): HashLayers {
    this.#trees.set(newest, tree);
    this.#bytes += tree.size;
    for (const key of this.#trees.keys()) {
      if (this.#bytes <= this.#limit || key === newest) break;
      this.#delete(key);
    }
    return tree;
  }

  #delete(key: string): void {
    this.#bytes -= this.#trees.get(key)!.size;
    this.#trees.delete(key);
  }
}
