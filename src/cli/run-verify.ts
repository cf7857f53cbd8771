import { createHashPool, fileStateOf, requireThere, torrentRootAt } from '../hashing/index.ts';
import { parseMetainfo, reportWarnings } from '../metainfo/index.ts';
import { shown } from '../util/index.ts';
import { pathBelow, shownPath } from './disk-names.ts';
import { MismatchError } from './errors.ts';
import { formatCount, formatSize } from './format.ts';
import { pathArgument } from './path-argument.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import type { CommandContext } from './run-command.ts';

export async function runVerify(
  { output, progress, onWarning, signal }: CommandContext,
  torrentPath: string,
  path: string,
): Promise<void> {
  const metainfo = parseMetainfo(await readTorrentFile(torrentPath));
  reportWarnings(metainfo, onWarning);
  const { name, length: total, isSingleFile } = metainfo;
  const given = await pathArgument(path);
  await requireThere(given);
  const root = await torrentRootAt(metainfo, given);
  await using pool = createHashPool();
  const result = await pool.verifyFiles(metainfo, root, {
    signal,
    onProgress: (done) => progress.update({ phase: 'checking', name, done, total }),
  });
  progress.stop();

  const files = metainfo.files.map((file, index) => {
    const path = file.path.join('/');
    const diskPath = isSingleFile ? path : pathBelow(root, result.files[index]!.diskPath);
    return { path, ...(diskPath !== path && { diskPath }), state: fileStateOf(metainfo, result, index) };
  });
  const bad = files.filter(({ state }) => state !== 'ok');
  const pieces = { goodPieces: result.good.count, pieces: metainfo.pieceCount };
  output.tell(
    'verified',
    { path: root, isComplete: result.isComplete, ...pieces, files },
    bad.map((file) => `${file.state.padEnd(7)}  ${shownPath(file)}`),
  );
  if (!result.isComplete) {
    const what = `${bad.length} of ${formatCount(files.length, 'file')} ${bad.length === 1 ? 'is' : 'are'} missing or damaged`;
    const message = `${root} is not what ${torrentPath} says: ${what}, ${pieces.goodPieces} of ${formatCount(pieces.pieces, 'piece')} good`;
    throw new MismatchError(message);
  }
  output.tell(
    'done',
    { path: root, ...pieces },
    `ok: ${formatCount(files.length, 'file')}, ${formatSize(total)}, all of ${shown(name)}`,
  );
}
