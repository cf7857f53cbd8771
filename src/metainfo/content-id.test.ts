import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  contentIdOf,
  contentIdOfTorrent,
  type FolderEntry,
  folderListing,
  hashOfLink,
} from './content-id.ts';
import { createMetainfo, encodeMetainfo } from './encode.ts';
import type { Metainfo } from './metainfo.ts';
import { parseMetainfo } from './parse.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');
const A = sha256('a');
const NOTHING = sha256('');

/** One folder in all its kinds: as entries, and as the parts of a torrent. */
const ENTRIES: readonly FolderEntry[] = [
  { kind: 'link', path: ['l'], sha256: sha256('d//x') },
  { kind: 'file', path: ['d', 'x'], sha256: A },
  { kind: 'emptyFolder', path: ['d', 'e'], sha256: NOTHING },
  { kind: 'executable', path: ['\udcb2'], sha256: NOTHING },
];
const RECORDS = [`d ${NOTHING} d/e\0`, `f ${A} d/x\0`, `l ${sha256('d//x')} l\0`, `x ${NOTHING} \xb2\0`];

function torrentOf(version: Metainfo['version']): Metainfo {
  const files = [
    { path: ['d', 'x'], length: 1, sha256: Buffer.from(A, 'hex'), piecesRoot: Buffer.alloc(32, 1) },
    { path: ['%B2'], exactPath: ['\udcb2'], length: 0, attr: 'x', sha256: Buffer.from(NOTHING, 'hex') },
  ];
  return createMetainfo({
    version,
    name: 'folder',
    isSingleFile: false,
    pieceLength: 16_384,
    files,
    ...(version !== 'v2' && { pieces: new Uint8Array(20) }),
    symlinks: [{ path: ['l'], target: ['d', 'x'], linkText: 'd//x' }],
    emptyFolders: [{ path: ['d', 'e'] }],
  });
}

describe('folderListing()', () => {
  test('writes a record for each entry, sorted by bytes and ended by NUL', () => {
    expect(Buffer.from(folderListing(ENTRIES)).toString('latin1')).toBe(RECORDS.join(''));
    expect(folderListing([])).toHaveLength(0);
  });

  test('sorts by the bytes of UTF-8, not by the units of UTF-16', () => {
    const entries = ['🐟', '\uff5e'].map((name): FolderEntry => ({ kind: 'file', path: [name], sha256: A }));
    expect(Buffer.from(folderListing(entries)).toString()).toBe(`f ${A} \uff5e\0f ${A} 🐟\0`);
  });
});

describe('contentIdOf()', () => {
  test('is the SHA-256 of the listing, in any order of the entries', () => {
    expect(contentIdOf(ENTRIES)).toBe(sha256(RECORDS.join('')));
    expect(contentIdOf(ENTRIES.toReversed())).toBe(contentIdOf(ENTRIES));
  });
});

describe('contentIdOfTorrent()', () => {
  test.each(['v1', 'v2', 'hybrid'] as const)(
    'is the id of the folder that a %s torrent describes',
    (version) => {
      const metainfo = parseMetainfo(encodeMetainfo(torrentOf(version)), { strict: true });
      expect(contentIdOfTorrent(metainfo)).toBe(contentIdOf(ENTRIES));
    },
  );

  test('is not there for a single file, without the SHA-256 of a file, and for a folder that cannot be made', () => {
    const metainfo = torrentOf('v1');
    expect(contentIdOfTorrent({ ...metainfo, isSingleFile: true })).toBeUndefined();
    const { sha256: _, ...without } = metainfo.files[0]!;
    expect(contentIdOfTorrent({ ...metainfo, files: [without] })).toBeUndefined();
    const outside = { path: ['l'], target: ['..', 'x'] };
    expect(contentIdOfTorrent({ ...metainfo, symlinks: [outside] })).toBeUndefined();
    const twice = [metainfo.files[0]!, metainfo.files[0]!];
    expect(contentIdOfTorrent({ ...metainfo, files: twice })).toBeUndefined();
    expect(contentIdOfTorrent({ ...metainfo, emptyFolders: [{ path: ['d'] }] })).toBeUndefined();
  });
});

describe('hashOfLink()', () => {
  test('hashes the very bytes of the text', () => {
    expect(hashOfLink('a\udcb2')).toBe(sha256('a\xb2'));
  });
});
