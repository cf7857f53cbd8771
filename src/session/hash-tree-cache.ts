import type { HashLayers } from '../metainfo/index.ts';

/** Bytes of merkle trees kept to answer hash requests from, over all torrents of a session. */
export const HASH_TREE_CACHE_BYTES = 8 * 1024 * 1024;

/**
 * Merkle trees that were made to answer hash requests. They are made one after the other, whoever asks, so that no more
 * than one piece is in memory for it. Least recently used trees go first.
 */
export class HashTreeCache {
  readonly #limit: number;
  /** In the order of use. */
  readonly #trees = new Map<string, HashLayers>();
  #bytes = 0;
  /** Settles when the last one in line is made. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(limitBytes = HASH_TREE_CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** Bytes held now. */
  get size(): number {
    return this.#bytes;
  }

  /**
   * The tree, which is made if it is not there.
   *
   * @param owner names the torrent
   * @param name names the tree in its torrent
   */
  async get(owner: string, name: string, make: () => Promise<HashLayers>): Promise<HashLayers> {
    const key = `${owner}:${name}`;
    const known = this.#find(key);
    if (known !== undefined) return known;
    const made = this.#last.then(async () => this.#find(key) ?? this.#keep(key, await make()));
    this.#last = Promise.allSettled([made]);
    return made;
  }

  /** Forgets the trees of a torrent. */
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
