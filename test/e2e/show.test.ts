import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Bencoded, encode } from '../../src/bencode/index.ts';
import { makeTree } from '../interop/trees.ts';
import { requirePeers, runProcess, startLibtorrent, tempFolder } from '../support/index.ts';
import { MAIN } from './shoal.ts';

const TRACKER = 'http://tracker.test:6969/announce';

/** What `shoal show --json` says, in libtorrent's words. */
async function shown(torrentFile: string): Promise<unknown> {
  const torrent = JSON.parse(await runProcess(process.execPath, [MAIN, 'show', torrentFile, '--json']));
  return {
    name: torrent.name,
    infoHashV1: torrent.infoHashV1 ?? null,
    infoHashV2: torrent.infoHashV2 ?? null,
    length: torrent.size,
    pieceLength: torrent.pieceLength,
    pieceCount: torrent.pieces,
    private: torrent.isPrivate,
    comment: torrent.comment ?? '',
    createdBy: torrent.createdBy ?? '',
    trackers: torrent.trackers.flatMap((tier: string[], at: number) =>
      tier.map((url) => ({ url, tier: at })),
    ),
    files: torrent.files.map((file: { path: string; size: number; piecesRoot?: string }) => ({
      path: `${torrent.name}/${file.path}`,
      length: file.size,
      piecesRoot: torrent.version === 'v1' ? null : (file.piecesRoot ?? '0'.repeat(64)),
    })),
  };
}

test.for(['mktorrent', 'v1', 'v2', 'hybrid'] as const)(
  'shoal show --json agrees with libtorrent on a torrent that mktorrent or libtorrent made: %s',
  async (maker, context) => {
    requirePeers(context, 'libtorrent', 'mktorrent');
    await using folder = await tempFolder();
    const tree = folder.join('tree');
    await makeTree(tree);
    const file = folder.join('made.torrent');
    await using libtorrent = await startLibtorrent();
    if (maker === 'mktorrent') {
      await runProcess('mktorrent', [
        '-l',
        '16',
        '-p',
        '-c',
        'by mktorrent',
        '-a',
        TRACKER,
        '-o',
        file,
        tree,
      ]);
    } else {
      await libtorrent.create(tree, file, { version: maker, trackers: [TRACKER], private: true });
    }
    const { files, ...described } = await libtorrent.describe(file);
    const comparable = files.map(({ path, length, piecesRoot }) => ({ path, length, piecesRoot }));
    expect(await shown(file)).toEqual({ ...described, files: comparable });
  },
);

test('shoal show lists 166,067 files in 24 MB within 128 MiB of heap', async () => {
  await using folder = await tempFolder();
  const file = folder.join('many.torrent');
  const count = 166_067;
  const entries = Array.from({ length: count }, (_, at) => {
    const name = `file ${at} ${'x'.repeat(80)}`;
    return `d6:lengthi${at}e4:pathl6:folder${name.length}:${name}ee`;
  });
  const size = (count * (count - 1)) / 2;
  const pieceLength = 2 ** 20;
  const info = {
    files: new Bencoded(Buffer.from(`l${entries.join('')}e`)),
    name: 'many',
    'piece length': pieceLength,
    pieces: new Uint8Array(20 * Math.ceil(size / pieceLength)),
  };
  await writeFile(file, encode({ info }));
  const heap = '--max-old-space-size=128';
  const lines = (await runProcess(process.execPath, [heap, MAIN, 'show', file])).split('\n');
  expect(lines.filter((line) => /^ *\d+ {4}file \d+ x+$/.test(line)).length).toBe(count);
  const torrent = JSON.parse(await runProcess(process.execPath, [heap, MAIN, 'show', file, '--json']));
  expect(torrent.files.length).toBe(count);
});
