import {
  checkFolder,
  createHashPool,
  type FolderCheck,
  fileStateOf,
  requireThere,
  torrentRootAt,
} from '../hashing/index.ts';
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
    sha256: metainfo.files.some(({ sha256 }) => sha256 !== undefined),
    signal,
    onProgress: (done) => progress.update({ phase: 'checking', name, done, total }),
  });
  const folder = isSingleFile ? NO_FOLDER : await checkFolder(pool, metainfo, root, result, signal);
  progress.stop();

  const files = metainfo.files.map((file, index) => {
    const path = file.path.join('/');
    const diskPath = isSingleFile ? path : pathBelow(root, result.files[index]!.diskPath);
    const state = fileStateOf(metainfo, result, index);
    const isWrongMode = state === 'ok' && folder.wrongModes.has(index);
    return { path, ...(diskPath !== path && { diskPath }), state: isWrongMode ? 'mode' : state };
  });
  const bad = files.filter(({ state }) => state !== 'ok');
  const faults = folder.faults.map(({ kind, path, fault }) => ({ kind, path: path.join('/'), state: fault }));
  const pieces = { goodPieces: result.good.count, pieces: metainfo.pieceCount };
  const isComplete = result.isComplete && bad.length + faults.length === 0;
  const { extra } = folder;
  output.tell(
    'verified',
    { path: root, isComplete, ...pieces, files, faults, extra: extra.slice(0, MAX_EXTRA_TOLD) },
    bad.map((file) => `${file.state.padEnd(7)}  ${shownPath(file)}`),
    faults.map(({ kind, path, state }) => `${state.padEnd(7)}  ${shown(path)} (${WORDS[kind]})`),
    extraLines(extra),
  );
  if (!isComplete) {
    const count = bad.length + faults.length;
    const all = files.length + metainfo.symlinks.length + metainfo.emptyFolders.length;
    const noun = all === files.length ? formatCount(all, 'file') : `${all} files, links and empty folders`;
    const what = `${count} of ${noun} ${count === 1 ? 'is' : 'are'} missing or damaged`;
    const message = `${root} is not what ${torrentPath} says: ${what}, ${pieces.goodPieces} of ${formatCount(pieces.pieces, 'piece')} good`;
    throw new MismatchError(message);
  }
  output.tell(
    'done',
    { path: root, ...pieces },
    `ok: ${formatCount(files.length, 'file')}, ${formatSize(total)}, all of ${shown(name)}`,
  );
}

/** The result for a single file, which has no folder. */
const NO_FOLDER: FolderCheck = { faults: [], wrongModes: new Set(), extra: [] };

const WORDS = { link: 'symbolic link', emptyFolder: 'empty folder' } as const;

/** The most paths that are not of the torrent that programs, and people, are told. */
const MAX_EXTRA_TOLD = 1000;
const EXTRA_SHOWN = 20;

/** Lists what is in a folder and not of the torrent, which is no fault. */
function extraLines(extra: readonly string[]): string[] {
  const lines = extra.slice(0, EXTRA_SHOWN).map((path) => `extra    ${shown(path)}`);
  return extra.length > EXTRA_SHOWN ? [...lines, `extra    and ${extra.length - EXTRA_SHOWN} more`] : lines;
}
