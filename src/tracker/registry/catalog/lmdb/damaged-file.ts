import { fstatSync, readSync } from 'node:fs';
import { META_BYTES, type Meta, PAGE_HEAD_BYTES, PAGE_KIND, readMeta, type Tree } from './lmdb-layout.ts';

/** A key and its value. */
export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A function that is told of each defect. */
export type TellDefect = (defect: string) => void;

/** The sizes that pages of LMDB may have. */
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536, 2048, 1024, 512];
/** The head of a node on a page, before its key. */
const NODE_BYTES = 8;
/** The size of the reference that stands on a page when a value has pages of its own. */
const OVERFLOW_REFERENCE_BYTES = 24;
const NUMBER_BYTES = 8;
/** The only flag of a node that may be set: its value has pages of its own. */
const HAS_OVERFLOW = 1;
/** The flag of a tree whose keys are numbers. */
const NUMBER_KEYS = 8;
const NO_PAGE = 2 ** 64;
const FIRST_PAGE = 2;

/**
 * Reads a file of LMDB without LMDB, which would follow each pointer in it, even a damaged one, and crash. Whatever the
 * bytes are, reading ends and takes memory for one page and one value; the caller checks each value.
 */
export class DamagedFile {
  readonly #file: number;
  readonly #pageBytes: number;
  readonly #pages: number;
  /** The descriptions of the file, the newest first. */
  readonly #metas: readonly Meta[];
  /** The pages that were read or belong to a value, of all trees: 1 for each. */
  readonly #used: Uint8Array;

  private constructor(file: number, size: number, pageBytes: number, metas: readonly Meta[]) {
    this.#file = file;
    this.#pageBytes = pageBytes;
    this.#pages = Math.floor(size / pageBytes);
    this.#metas = metas;
    this.#used = new Uint8Array(this.#pages);
  }

  /**
   * Looks at the first two pages of an open file.
   *
   * @returns `undefined` when neither is a page of LMDB
   */
  static open(file: number, tell: TellDefect): DamagedFile | undefined {
    const { size } = fstatSync(file);
    const metaAt = (at: number): Meta | undefined => {
      const bytes = Buffer.alloc(META_BYTES);
      return fillFrom(file, bytes, at) ? readMeta(bytes) : undefined;
    };
    const first = metaAt(0);
    const sizes = PAGE_SIZES.filter((each) => each * 2 <= size);
    // The second page tells its own offset, which shows the size of pages when the first one is damaged.
    const pageBytes =
      sizes.find((each) => metaAt(each)?.pageBytes === each) ??
      sizes.find((each) => first?.pageBytes === each || metaAt(each) !== undefined);
    if (pageBytes === undefined) return undefined;
    const metas: Meta[] = [];
    for (const meta of [first, metaAt(pageBytes)]) {
      if (meta === undefined) tell('one of its first two pages is none of LMDB');
      else metas.push(meta);
    }
    if (metas.some((meta) => meta.pageBytes !== pageBytes)) tell('its first pages tell of other sizes');
    for (const { freeTree, mainTree } of metas) {
      if ((freeTree.flags & NUMBER_KEYS) === 0 || mainTree.flags !== 0) tell('its trees are of another kind');
    }
    const [one, two] = metas;
    if (one && two && Math.abs(one.transaction - two.transaction) > 1)
      tell('its last transactions are far apart');
    metas.sort((a, b) => b.transaction - a.transaction);
    return new DamagedFile(file, size, pageBytes, metas);
  }

  /** Gives the entries that were written last, in the order of keys, and tells of their defects. */
  *entries(tell: TellDefect): Generator<Entry> {
    const [meta] = this.#metas;
    if (meta === undefined) return;
    this.#used.fill(0);
    if (meta.lastPage >= this.#pages) tell('it has lost its end');
    yield* new TreeWalk(this, meta.mainTree, meta, compareTexts, tell).entries();
  }

  /** Looks for used pages that the file lists as free. {@link entries} must have been read to the end before. */
  checkFreePages(tell: TellDefect): void {
    const [meta] = this.#metas;
    if (meta === undefined) return;
    for (const { value } of new TreeWalk(this, meta.freeTree, meta, compareNumbers, tell).entries()) {
      const listed = value.length < NUMBER_BYTES ? -1 : Number(value.readBigUInt64LE(0));
      if (listed < 0 || (listed + 1) * NUMBER_BYTES > value.length) tell('a list of free pages has no end');
      else this.#checkFree(value.subarray(NUMBER_BYTES, (listed + 1) * NUMBER_BYTES), meta.lastPage, tell);
    }
  }

  /**
   * Gives the entries from before the last transaction whose pages were written anew by it, for the case that the new pages
   * are damaged. {@link entries} must have been read to the end before.
   */
  *replacedEntries(): Generator<Entry> {
    const older = this.#metas[1];
    if (older !== undefined) {
      yield* new TreeWalk(this, older.mainTree, older, compareTexts, () => {}).entries();
    }
  }

  /** Marks pages as used. @returns whether all of them are in the file, and none was used before */
  use(first: number, count: number): boolean {
    if (!(first >= FIRST_PAGE && count >= 1 && first + count <= this.#pages)) return false;
    for (let page = first; page < first + count; page += 1) if (this.#used[page] === 1) return false;
    this.#used.fill(1, first, first + count);
    return true;
  }

  /** @returns the bytes from a page on; `undefined` when the disk cannot read them */
  read(page: number, count = this.#pageBytes): Buffer | undefined {
    const bytes = Buffer.allocUnsafe(count);
    return fillFrom(this.#file, bytes, page * this.#pageBytes) ? bytes : undefined;
  }

  get pageBytes(): number {
    return this.#pageBytes;
  }

  /**
   * Checks a list of free pages. A negative number before that of a page says how many pages follow it; 0 stands for none.
   */
  #checkFree(list: Buffer, lastPage: number, tell: TellDefect): void {
    let count = 1;
    for (let at = 0; at < list.length; at += NUMBER_BYTES) {
      const page = Number(list.readBigInt64LE(at));
      if (page < 0) count = -page;
      else if (page > 0) {
        if (page + count - 1 > lastPage || !this.use(page, count)) tell(`page ${page} cannot be free`);
        count = 1;
      }
    }
  }
}

type CompareKeys = (a: Buffer, b: Buffer) => number;

/** The counts of the pages and entries of a tree. */
interface Counts {
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
}

/** A walk through one tree, from its first page to its leaves. */
class TreeWalk {
  readonly #file: DamagedFile;
  readonly #tree: Tree;
  readonly #meta: Meta;
  readonly #tell: TellDefect;
  readonly #compare: CompareKeys;
  readonly #found: Counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };

  constructor(file: DamagedFile, tree: Tree, meta: Meta, compare: CompareKeys, tell: TellDefect) {
    this.#file = file;
    this.#tree = tree;
    this.#meta = meta;
    this.#compare = compare;
    this.#tell = tell;
  }

  *entries(): Generator<Entry> {
    const { root, depth } = this.#tree;
    if (root === NO_PAGE) {
      if (depth !== 0) this.#tell('a tree has no first page');
    } else yield* this.#page(root, 1, undefined, undefined);
    for (const [what, count] of Object.entries(this.#found)) {
      const said = this.#tree[what as keyof Counts];
      if (said !== count) this.#tell(`a tree has ${count} ${what}, and says ${said}`);
    }
  }

  /** @param low keys are not before it; @param high keys are before it */
  *#page(number: number, level: number, low: Buffer | undefined, high: Buffer | undefined): Generator<Entry> {
    const { depth } = this.#tree;
    const isLeaf = level === depth;
    const page = this.#open(number, isLeaf ? PAGE_KIND.leaf : PAGE_KIND.branch);
    if (page === undefined || level > depth) {
      this.#tell(`page ${number} cannot be read where it is named`);
      return;
    }
    this.#found[isLeaf ? 'leafPages' : 'branchPages'] += 1;
    let last = low;
    const nodes = [...this.#nodes(page, number)];
    for (const [at, { node, key }] of nodes.entries()) {
      // The first key of a branch page has no meaning.
      const isBound = isLeaf || at > 0;
      const isFirst = last === low;
      if (isBound) {
        const order = last === undefined ? -1 : this.#compare(last, key);
        if (order > 0 || (order === 0 && !isFirst) || (high !== undefined && this.#compare(key, high) >= 0)) {
          this.#tell(`keys on page ${number} are not in order`);
        }
      }
      if (isLeaf) {
        const value = this.#value(page, node, key);
        if (value === undefined) this.#tell(`a value on page ${number} cannot be read`);
        else {
          this.#found.entries += 1;
          yield { key, value };
        }
      } else {
        const child = page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 2 ** 32;
        yield* this.#page(child, level + 1, isBound ? key : low, nodes[at + 1]?.key ?? high);
      }
      if (isBound) last = key;
    }
  }

  /** @returns the page, if it can be one of that kind; tells of defects in its head */
  #open(number: number, kind: number): Buffer | undefined {
    const page = this.#file.use(number, 1) ? this.#file.read(number) : undefined;
    if (page === undefined) return undefined;
    if (!this.#hasHead(page, number, kind)) this.#tell(`page ${number} has another head`);
    return page;
  }

  #hasHead(page: Buffer, number: number, kind: number): boolean {
    if (Number(page.readBigUInt64LE(0)) !== number || number > this.#meta.lastPage) return false;
    // LMDB takes a page with the number of a later transaction for one in memory.
    return Number(page.readBigUInt64LE(8)) <= this.#meta.transaction && page.readUInt16LE(18) === kind;
  }

  /** Gives the offsets of the nodes on a page, and their keys. */
  *#nodes(page: Buffer, number: number): Generator<{ readonly node: number; readonly key: Buffer }> {
    const room = page.length - PAGE_HEAD_BYTES;
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    let bytes = 0;
    for (let at = 0; at + 2 <= Math.min(lower, room); at += 2) {
      const node = PAGE_HEAD_BYTES + page.readUInt16LE(PAGE_HEAD_BYTES + at);
      const keyEnd = node + NODE_BYTES <= page.length && node + NODE_BYTES + page.readUInt16LE(node + 6);
      if (keyEnd === false || keyEnd > page.length) this.#tell(`a node on page ${number} is outside of it`);
      else {
        bytes += this.#nodeBytes(page, node);
        yield { node, key: page.subarray(node + NODE_BYTES, keyEnd) };
      }
    }
    if (lower === 0 || lower % 2 === 1 || upper < lower || bytes !== room - upper) {
      this.#tell(`page ${number} has other nodes than its head tells of`);
    }
  }

  /** Counts the bytes that a node takes on a page. */
  #nodeBytes(page: Buffer, node: number): number {
    const flags = page.readUInt16LE(node + 4);
    const isBranch = page.readUInt16LE(18) === PAGE_KIND.branch;
    const inline = (flags & HAS_OVERFLOW) === 0 ? page.readUInt32LE(node) : OVERFLOW_REFERENCE_BYTES;
    const bytes = NODE_BYTES + page.readUInt16LE(node + 6) + (isBranch ? 0 : inline);
    return bytes + (bytes % 2);
  }

  #value(page: Buffer, node: number, key: Buffer): Buffer | undefined {
    const size = page.readUInt32LE(node);
    const flags = page.readUInt16LE(node + 4);
    const at = node + NODE_BYTES + key.length;
    if ((flags & ~HAS_OVERFLOW) !== 0) this.#tell('a value has another kind');
    if ((flags & HAS_OVERFLOW) === 0)
      return at + size <= page.length ? page.subarray(at, at + size) : undefined;
    if (at + OVERFLOW_REFERENCE_BYTES > page.length) return undefined;
    const first = Number(page.readBigUInt64LE(at));
    const count = Math.ceil((PAGE_HEAD_BYTES + size) / this.#file.pageBytes);
    if (Number(page.readBigUInt64LE(at + 16)) !== count) return undefined;
    const isLater = Number(page.readBigUInt64LE(at + 8)) > this.#meta.transaction;
    if (isLater || first + count - 1 > this.#meta.lastPage) this.#tell(`page ${first} cannot have a value`);
    const value = this.#file.use(first, count) ? this.#file.read(first, PAGE_HEAD_BYTES + size) : undefined;
    if (value === undefined) return undefined;
    this.#found.overflowPages += count;
    if (!this.#hasHead(value, first, PAGE_KIND.overflow) || value.readUInt32LE(20) !== count) {
      this.#tell(`page ${first} has another head`);
    }
    return value.subarray(PAGE_HEAD_BYTES);
  }
}

function compareTexts(a: Buffer, b: Buffer): number {
  return a.compare(b);
}

function compareNumbers(a: Buffer, b: Buffer): number {
  if (a.length !== NUMBER_BYTES || b.length !== NUMBER_BYTES) return 1;
  const difference = a.readBigUInt64LE(0) - b.readBigUInt64LE(0);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Fills a buffer from an offset of the file. @returns whether the file has enough bytes there and the disk can read them */
function fillFrom(file: number, into: Buffer, at: number): boolean {
  try {
    return readSync(file, into, 0, into.length, at) === into.length;
  } catch {
    return false;
  }
}
