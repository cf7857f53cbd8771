import { expect, test } from 'vitest';
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
