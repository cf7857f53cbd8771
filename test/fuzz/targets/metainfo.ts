import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { encode } from '../../../src/bencode/index.ts';
import { describeTorrent } from '../../../src/cli/describe-torrent.ts';
import { fileTreeLines } from '../../../src/cli/file-tree-lines.ts';
import { torrentLines } from '../../../src/cli/torrent-lines.ts';
import {
  contentIdOfTorrent,
  createMetainfo,
  type DiskPlatform,
  dataLengthAt,
  deliveredNameOf,
  diskPathsOf,
  encodeMetainfo,
  exactPathOf,
  expectedPieceHash,
  folderFaultOf,
  layOutFiles,
  leavesPerPiece,
  linkTargetOf,
  type Metainfo,
  MetainfoError,
  type NewMetainfo,
  Pads,
  parseMetainfo,
  pieceLayerRoot,
  pieceLengthAt,
  pieceRoot,
} from '../../../src/metainfo/index.ts';
import { printable } from '../../../src/util/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const PIECE_LENGTH = 32_768;

/** Makes a torrent of files of these lengths, whose bytes are all 1. */
export function torrentOf(
  version: NewMetainfo['version'],
  lengths: readonly number[],
  name = 'folder',
): Metainfo {
  const isAligned = version !== 'v1';
  const isSingleFile = lengths.length === 1;
  const { streamLength } = layOutFiles(lengths, isAligned ? PIECE_LENGTH : undefined);
  const files = lengths.map((length, index) => {
    const path = isSingleFile ? [name] : [`folder ${index % 2}`, `file ${index}`];
    if (length === 0 || !isAligned) return { path, length };
    const pieceLayer = layerOf(length);
    return { path, length, pieceLayer, piecesRoot: pieceLayerRoot(pieceLayer, PIECE_LENGTH) };
  });
  files.sort((a, b) => (a.path.join('/') < b.path.join('/') ? -1 : 1));
  const pieces = new Uint8Array(Math.ceil(streamLength / PIECE_LENGTH) * 20).fill(7);
  return createMetainfo({
    version,
    name,
    isSingleFile,
    pieceLength: PIECE_LENGTH,
    files,
    ...(version !== 'v2' && { pieces }),
    announceList: [
      ['http://t.example:9910/announce', 'udp://t.example:9910'],
      ['https://u.example/announce?key=1'],
    ],
    comment: 'Made for tests',
    createdBy: 'Shoal',
    creationDate: 1_700_000_000,
  });
}

/** Makes the piece layer of a file whose bytes are all 1. */
function layerOf(length: number): Uint8Array {
  const layer: Uint8Array[] = [];
  for (let start = 0; start < length; start += PIECE_LENGTH) {
    const data = new Uint8Array(Math.min(PIECE_LENGTH, length - start)).fill(1);
    layer.push(pieceRoot(data, leavesPerPiece(length, PIECE_LENGTH)));
  }
  return Buffer.concat(layer);
}

/** Makes a torrent of a folder with links, empty folders, an executable file, SHA-256s and names that are not UTF-8. */
function folderTorrent(version: NewMetainfo['version']): Metainfo {
  const { pieceLength, files, pieces, name } = torrentOf(version, [5, 0, 70_000]);
  const raw = { path: ['x%FF'], exactPath: ['x\udcff'], length: 0, attr: 'x' };
  return createMetainfo({
    version,
    name,
    isSingleFile: false,
    pieceLength,
    files: [...files, raw].map((file) => ({
      ...file,
      ...(file.length > pieceLength && { pieceLayer: layerOf(file.length) }),
      sha256: new Uint8Array(32).fill(3),
    })),
    ...(pieces && { pieces }),
    symlinks: [
      { path: ['folder 0', 'up'], target: ['folder 1', 'file 1'], linkText: '../folder 1/./file 1' },
      { path: ['link'], target: ['folder 0'] },
      { path: ['z%FF'], exactPath: ['z\udcff'], target: ['no\udcff'], linkText: 'no\udcff' },
    ],
    emptyFolders: [{ path: ['folder 0', 'empty'] }, { path: ['e%FF'], exactPath: ['e\udcff'] }],
  });
}

/** A `.torrent` as other programs write it: all keys that are read, and what is odd but accepted. */
const FOREIGN = encode({
  announce: 'http://t.example/announce',
  'announce-list': [
    ['http://t.example/announce'],
    ['wss://w.example', 'ftp://f.example/'],
    ['udp://u.example:1'],
  ],
  comment: 'latin',
  'comment.utf-8': 'Grüße',
  'created by': 'qBittorrent v5',
  'creation date': '1700000000',
  encoding: 'UTF-8',
  httpseeds: ['http://h.example/seed'],
  nodes: [
    ['router.example', 6881],
    ['192.0.2.1', 6882],
  ],
  publisher: 'P',
  'publisher-url': 'http://p.example',
  similar: [new Uint8Array(20).fill(9)],
  'url-list': ['http://w.example/files/', 'http://w.example/files/'],
  info: {
    collections: ['c1', 'c2'],
    files: [
      { length: 20_000, path: ['a', 'b.txt'], 'path.utf-8': ['a', 'b.txt'] },
      { attr: 'p', length: 12_768, path: ['.pad', '12768'] },
      { attr: 'x', length: 5, path: ['..', 'c'] },
      { attr: 'l', length: 0, path: ['link'], 'symlink path': ['a', 'b.txt'] },
      { attr: 'xl', path: ['a', 'up'], 'symlink path': ['..', 'c'] },
      { attr: 'l', path: ['out'], 'link target': 'a/../..', 'symlink path': ['..'] },
      { length: 7, path: ['_____padding_file_1_____'] },
      { length: 0, path: ['con', 'nul.txt', 'x'.repeat(300)] },
    ],
    name: 'N',
    'name.utf-8': 'N\u00fcrnberg',
    'piece length': 16_384,
    pieces: new Uint8Array(20 * 2).fill(1),
    private: 1,
    source: 'SRC',
  },
});

/** Metainfo of each version, whole. */
export function metainfoCorpus(): Uint8Array[] {
  return [
    encodeMetainfo(torrentOf('v1', [40_000], 'one.bin')),
    encodeMetainfo(torrentOf('v1', [5, 0, 70_000])),
    encodeMetainfo(torrentOf('v2', [100_000], 'one.bin')),
    encodeMetainfo(torrentOf('v2', [5, 0, 70_000])),
    encodeMetainfo(torrentOf('hybrid', [100_000], 'one.bin')),
    encodeMetainfo(torrentOf('hybrid', [5, 0, 70_000])),
    encodeMetainfo(folderTorrent('v1')),
    encodeMetainfo(folderTorrent('v2')),
    encodeMetainfo(folderTorrent('hybrid')),
    FOREIGN,
    // A URL in place of the list, a newline behind the end, as some programs write.
    bytesOf(
      `d8:url-list9:http://a/4:infod6:lengthi3e4:name1:x12:piece lengthi16384e6:pieces20:${'p'.repeat(20)}ee\r\n`,
    ),
  ];
}

const TOKENS = [
  'attr',
  'p',
  'l',
  'path.utf-8',
  'pieces root',
  'meta version',
  'symlink path',
  'link target',
  'empty folders',
  'sha256',
  '../',
  '..',
  'CON',
  '\xff',
  'length',
  'name.utf-8',
];

const lenient: FuzzTarget = {
  name: 'metainfo',
  corpus: metainfoCorpus,
  form: 'bencode',
  tokens: TOKENS,
  refusals: [MetainfoError],
  run(input) {
    const metainfo = parseMetainfo(input);
    const again = parseMetainfo(encodeMetainfo(metainfo));
    assert.equal(again.infoHash, metainfo.infoHash);
    assert.equal(again.files.length, metainfo.files.length);
    checkPieces(metainfo);
    checkFolder(metainfo, again);
    checkPaths(metainfo, PLATFORMS[input.length % PLATFORMS.length]!);
    // The lines are the slower part: those of some inputs.
    if (input.length % 8 > 0) return true;
    const torrent = describeTorrent(metainfo);
    for (const line of [...torrentLines(torrent), ...fileTreeLines(torrent)])
      assert.equal(printable(line), line);
    return true;
  },
};

const strict: FuzzTarget = {
  name: 'metainfo-strict',
  corpus: metainfoCorpus,
  form: 'bencode',
  tokens: TOKENS,
  refusals: [MetainfoError],
  run(input) {
    const metainfo = parseMetainfo(input, { strict: true });
    assert.equal(parseMetainfo(input).infoHash, metainfo.infoHash);
    return true;
  },
};

/** Checks that the first and the last piece have a length and hashes, as a download asks for them. */
function checkPieces(metainfo: Metainfo): void {
  const { pieceCount, pieceLength } = metainfo;
  const pads = Pads.of(metainfo);
  for (const index of pieceCount === 0 ? [] : [0, pieceCount - 1]) {
    const length = pieceLengthAt(metainfo, index);
    const data = dataLengthAt(metainfo, pads, index);
    assert.ok(length > 0 && length <= pieceLength && data >= 0 && data <= length);
    const { sha1, root } = expectedPieceHash(metainfo, index);
    assert.ok(sha1?.length === 20 || root?.hash.length === 32);
  }
}

/** Checks that no link leads outside, and that the content id is the same when the torrent is read again. */
function checkFolder(metainfo: Metainfo, again: Metainfo): void {
  for (const symlink of metainfo.symlinks) {
    const text = linkTargetOf(symlink);
    const folder = exactPathOf(symlink).slice(0, -1).join('/');
    if (text !== undefined)
      assert.ok(!/^(?:\.\.(?:\/|$)|\/)/.test(posix.join(folder, text)), `${text} leads outside`);
  }
  for (const entry of [...metainfo.files, ...metainfo.symlinks, ...metainfo.emptyFolders])
    for (const name of exactPathOf(entry)) assert.ok(!/^\.{0,2}$|[/\0]/.test(name), `${name} is no name`);
  const id = contentIdOfTorrent(metainfo);
  assert.equal(contentIdOfTorrent(again), id);
  assert.ok(id === undefined || folderFaultOf(metainfo) === undefined);
}

const PLATFORMS: readonly DiskPlatform[] = ['linux', 'darwin', 'win32'];

/** Checks that no name leads out of the folder, and that no two files go to one place. */
function checkPaths({ name, files }: Metainfo, platform: DiskPlatform): void {
  const paths = files.map((file) => file.path);
  const delivered = deliveredNameOf(name, platform);
  const placed = diskPathsOf(paths, platform);
  for (const part of [...placed.flat(), delivered]) {
    assert.ok(part !== '' && part !== '.' && part !== '..' && !/[/\0]/.test(part), `${part} is no name`);
    assert.ok(platform !== 'win32' || !/[\\:]/.test(part), `${part} is no name on Windows`);
  }
  assert.equal(new Set(placed.map((path) => path.join('/'))).size, placed.length);
  assert.ok(!delivered.startsWith('.'));
}

export const metainfoTargets: readonly FuzzTarget[] = [lenient, strict];
