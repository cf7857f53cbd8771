import { dataLengthAt, longestPieceLength, type Metainfo, Pads } from '../metainfo/index.ts';
import { MAX_DOWNLOADED_PIECE_LENGTH } from '../session/index.ts';
import {
  discardPart,
  FileStorage,
  type Part,
  preparePart,
  ResumeKeeper,
  readPartState,
  type Storage,
} from '../storage/index.ts';
import { type Bitfield, closeAll, toError } from '../util/index.ts';
import { checkPieces } from './check-pieces.ts';
import type { DownloadResources, Moved } from './download-resources.ts';
import type { TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';
import { paced } from './paced.ts';
import { padPieces } from './pad-pieces.ts';
import { storePieces } from './piece-store.ts';
import { progressOf } from './progress-of.ts';
import { CLOSE_LIMIT } from './stop.ts';
import { Transfer } from './transfer.ts';

/**
 * Downloads a torrent into a part, until every piece is checked and synced to disk. It goes on from the pieces that an
 * earlier try has left. When it fails, the part stays if any piece of it is good, with resume data to go on later.
 *
 * The part must be locked.
 *
 * @throws {GetError} MISMATCH when the whole file is not the wanted one, after the part was removed; BAD_TORRENT when a piece
 * is too long to be held in memory
 */
export async function download(
  candidate: TorrentCandidate,
  part: Part,
  resources: DownloadResources,
): Promise<Moved> {
  const { metainfo: torrent } = candidate;
  refuseLongPieces(torrent);
  const storage = new FileStorage({ files: part.files, mode: 'write', openFiles: resources.openFiles });
  const have = await takeStock(candidate, part, storage, resources);
  const onFailed = (error: Error) => transfer.fail(error);
  const keeper = new ResumeKeeper({ part, torrent, have, storage, ...resources, onFailed });
  const completion = { have, storePiece: storePieces(torrent, storage, resources.pool) };
  const onPieceVerified = (index: number) => keeper.pieceLanded(index);
  const transfer = new Transfer(candidate, { storage, completion, onPieceVerified }, resources);
  let outcome: 'unfinished' | 'whole' | 'wrong' = 'unfinished';
  const isUseless = () => outcome === 'wrong' || (outcome === 'unfinished' && bytesOf(torrent, have) === 0);
  try {
    await transfer.untilComplete();
    await storage.sync();
    const mismatch = await checkWhole(candidate, part, resources);
    outcome = mismatch === undefined ? 'whole' : 'wrong';
    if (mismatch !== undefined) throw mismatch;
    return transfer.moved;
  } finally {
    if (outcome !== 'unfinished') keeper.forget();
    const onStuck = (thrown: unknown) => resources.report(toError(thrown), 'close the download');
    await closeAll([{ name: 'the transfer', close: () => transfer.close() }], CLOSE_LIMIT).catch(onStuck);
    await closeAll([
      { name: part.resumePath, close: () => keeper.close() },
      { name: part.path, close: () => storage.close() },
      {
        name: `${part.path}, which holds no good piece,`,
        close: () => (isUseless() ? discardPart(part) : undefined),
      },
    ]).catch(onStuck);
  }
}

/** Refuses a torrent whose pieces are too long to be held in memory. @throws {GetError} BAD_TORRENT */
function refuseLongPieces(torrent: Metainfo): void {
  const longest = longestPieceLength(torrent);
  if (longest <= MAX_DOWNLOADED_PIECE_LENGTH) return;
  throw new GetError(
    'BAD_TORRENT',
    `Cannot download ${torrent.name}: it has pieces of ${longest} bytes, and Shoal, which holds a piece in memory until it ` +
      `is whole, downloads pieces of at most ${MAX_DOWNLOADED_PIECE_LENGTH} bytes`,
  );
}

/** Finds the pieces that are there already, and prepares the part for the others. */
async function takeStock(
  candidate: TorrentCandidate,
  part: Part,
  storage: Storage,
  { pool, preallocation, clock, signal, tell }: DownloadResources,
): Promise<Bitfield> {
  const { metainfo } = candidate;
  const known = await padPieces(metainfo, pool);
  const { found, good, doubtful } = await readPartState(part, metainfo, signal);
  for (const index of known) good.add(index);
  await preparePart(part, found, {
    preallocation,
    signal,
    onProgress: paced(clock, (done) => tell(progressOf('allocating', candidate, done))),
  });
  if (doubtful.isEmpty) return good;
  const total = bytesOf(metainfo, doubtful);
  try {
    await checkPieces(metainfo, doubtful, (index) => good.add(index), {
      storage,
      pool,
      signal,
      onProgress: paced(clock, (done) => tell(progressOf('checking', candidate, done, total))),
    });
  } catch (thrown) {
    await storage.close();
    throw thrown;
  }
  return good;
}

/** Checks the whole file by its SHA-256. @returns the error when it is not the wanted file */
async function checkWhole(
  candidate: TorrentCandidate,
  part: Part,
  { pool, clock, signal, tell }: DownloadResources,
): Promise<GetError | undefined> {
  const { sha256, metainfo } = candidate;
  if (sha256 === undefined) return undefined;
  const found = await pool.sha256File(part.path, {
    signal,
    onProgress: paced(clock, (done) => tell(progressOf('verifying', candidate, done))),
  });
  if (found === sha256) return undefined;
  const { name, infoHash } = metainfo;
  return new GetError(
    'MISMATCH',
    `What torrent ${infoHash} holds as ${name} is not the file: its SHA-256 is ${found}, not ${sha256}`,
  );
}

/** Counts the bytes of files in pieces. */
function bytesOf(metainfo: Metainfo, pieces: Bitfield): number {
  const pads = Pads.of(metainfo);
  let bytes = 0;
  for (let index = 0; index < pieces.length; index += 1) {
    if (pieces.has(index)) bytes += dataLengthAt(metainfo, pads, index);
  }
  return bytes;
}
