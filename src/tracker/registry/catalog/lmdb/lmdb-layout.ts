/* The layout of version 2 of a file of LMDB, as in `mdb.c` of the package lmdb 3.5.6. Numbers are little-endian. */

/** The number of bytes of the head of each page: its number, a transaction, flags, and the offsets of its nodes. */
export const PAGE_HEAD_BYTES = 24;
/** The bytes of the first two pages that tell of the whole file. */
export const META_BYTES = 160;

/** The kinds of pages, by their flags. */
export const PAGE_KIND = { branch: 1, leaf: 2, overflow: 4 } as const;

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const AT = { magic: 24, version: 28, freeTree: 48, mainTree: 96, lastPage: 144, transaction: 152 };

/** A tree of pages, and the numbers of its pages and entries. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** The number of its first page; no page of the file when the tree is empty. */
  readonly root: number;
}

/** The description of the file that each of its first two pages has. */
export interface Meta {
  readonly pageBytes: number;
  /** The tree of the pages that are free. */
  readonly freeTree: Tree;
  /** The tree of the entries. */
  readonly mainTree: Tree;
  readonly lastPage: number;
  readonly transaction: number;
}

/** Reads one of the first two pages. @returns `undefined` when it is no such page of LMDB */
export function readMeta(page: Buffer): Meta | undefined {
  if (page.length < META_BYTES) return undefined;
  if (page.readUInt32LE(AT.magic) !== MAGIC || page.readUInt16LE(AT.version) !== VERSION) return undefined;
  return {
    pageBytes: page.readUInt32LE(AT.freeTree),
    freeTree: readTree(page, AT.freeTree),
    mainTree: readTree(page, AT.mainTree),
    lastPage: Number(page.readBigUInt64LE(AT.lastPage)),
    transaction: Number(page.readBigUInt64LE(AT.transaction)),
  };
}

function readTree(page: Buffer, at: number): Tree {
  const numberAt = (offset: number): number => Number(page.readBigUInt64LE(at + offset));
  return {
    flags: page.readUInt16LE(at + 4),
    depth: page.readUInt16LE(at + 6),
    branchPages: numberAt(8),
    leafPages: numberAt(16),
    overflowPages: numberAt(24),
    entries: numberAt(32),
    root: numberAt(40),
  };
}
