import { expect, test } from 'vitest';
import { type Encodable, encode } from '../bencode/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent } from './describe-torrent.ts';
import { torrentLines } from './torrent-lines.ts';

type Keys = Record<string, Encodable>;

const info: Keys = {
  name: 'folder',
  'piece length': 16_384,
  files: [
    { length: 1000, path: ['bin', 'run'], attr: 'x' },
    { length: 1, path: ['.hidden'], attr: 'h' },
    { path: ['link'], attr: 'l', 'symlink path': ['bin', 'run'] },
    { path: ['out'], attr: 'l', 'symlink path': ['..', 'x'] },
    { length: 2, path: ['plain'] },
  ],
  pieces: new Uint8Array(20),
};

function describeOf(change: Keys = {}, around: Keys = {}) {
  return describeTorrent(parseMetainfo(encode({ info: { ...info, ...change }, ...around })));
}

const AROUND: Keys = {
  announce: ' http://a/announce ',
  'url-list': [' http://w/ ', 'http://v/'],
  httpseeds: ['http://h/'],
  nodes: [['router.example', 6881]],
  'creation date': 1_700_000_000,
  encoding: 'UTF-8',
  publisher: 'P',
  'publisher-url': 'http://p/',
};
const INSIDE: Keys = { source: 'S', similar: [new Uint8Array(20)], collections: ['C'] };

test('describeTorrent() has a field for each key of a torrent', () => {
  expect(describeOf(INSIDE, AROUND)).toMatchObject({
    trackers: [['http://a/announce']],
    webSeeds: ['http://w/', 'http://v/'],
    httpSeeds: ['http://h/'],
    nodes: [{ host: 'router.example', port: 6881 }],
    createdAt: '2023-11-14T22:13:20.000Z',
    encoding: 'UTF-8',
    publisher: 'P',
    publisherUrl: 'http://p/',
    source: 'S',
    similar: ['0'.repeat(40)],
    collections: ['C'],
    files: [
      { path: 'bin/run', size: 1000, attr: 'x' },
      { path: '.hidden', size: 1, attr: 'h' },
      { path: 'plain', size: 2 },
    ],
    symlinks: [
      { path: 'link', target: 'bin/run', text: 'bin/run' },
      { path: 'out', target: '../x' },
    ],
    warnings: ['The symbolic link "out" leads out of the folder, or nowhere.'],
  });
});

test('describeTorrent() has no field for a key that a torrent does not have', () => {
  const files = [{ length: 2, path: ['plain'] }];
  expect(Object.keys(JSON.parse(JSON.stringify(describeOf({ files }))))).toEqual([
    'name',
    'version',
    'infoHash',
    'infoHashV1',
    'size',
    'isSingleFile',
    'pieceLength',
    'pieces',
    'isPrivate',
    'trackers',
    'files',
  ]);
});

test('describeTorrent() and torrentLines() name the trackers whose scheme Shoal does not know', () => {
  const torrent = describeOf({}, { announce: 'ftp://a.example/announce' });
  expect(torrent).toMatchObject({ trackers: [], otherTrackers: ['ftp://a.example/announce'] });
  expect(torrentLines(torrent)).toContain('Other tracker ftp://a.example/announce');
});

test('torrentLines() has a line for each field of a torrent', () => {
  const lines = torrentLines(describeOf(INSIDE, AROUND));
  for (const line of [
    'Holds         3 files (1 executable), 2 symbolic links',
    'Web seed      http://w/',
    'Web seed      http://v/',
    'HTTP seed     http://h/',
    'DHT node      router.example 6881',
    'Source        S',
    'Encoding      UTF-8',
    'Publisher     P',
    'Publisher URL http://p/',
    `Similar       ${'0'.repeat(40)}`,
    'Collection    C',
    'Warning       The symbolic link "out" leads out of the folder, or nowhere.',
  ]) {
    expect(lines).toContain(line);
  }
});
