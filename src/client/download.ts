import { longestPieceLength, type Metainfo } from '../metainfo/index.ts';
import { MAX_DOWNLOADED_PIECE_LENGTH } from '../session/index.ts';
import { closeAll, formatCount, toError, withoutMiddle } from '../util/index.ts';
import { bytesOf } from './bytes-of.ts';
import type { LockedPart, OpenPart, WrongFile } from './disk.ts';
import type { DownloadResources, Moved, Obtained } from './download-resources.ts';
import type { TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';
import { isListingInPlaceOfFolder } from './listing-file.ts';
import { someNames } from './some-names.ts';
import { closeLimit } from './stop.ts';
import { Transfer } from './transfer.ts';

/** The result of a download that is whole. */
export interface Downloaded {
  readonly moved: Obtained;
  /** The transfer, which is still open; `undefined` when it was closed because nothing is to be seeded. */
  readonly transfer?: Transfer;
}

/**
 * Downloads a torrent into a part, until every piece is checked and synced to disk. It goes on from the pieces that an
 * earlier try has left. When it fails, the part stays if any piece of it is good, with resume data to go on later.
 *
 * @returns the figures, and the transfer if it is to seed, which then holds the reads of peers until the files have their place
 * @throws {GetError} MISMATCH when the whole file is not the wanted one, after the part was removed; BAD_TORRENT when a piece
 * is too long to be held in memory
 */
export async function download(
  candidate: TorrentCandidate,
  locked: LockedPart,
  resources: DownloadResources,
): Promise<Downloaded> {
  const { metainfo: torrent } = candidate;
  const { report, seeding } = resources;
  refuseLongPieces(torrent);
  const part = await locked.open(resources, (error) => transfer.fail(error));
  let transfer = new Transfer(candidate, part, resources);
  let earlier: Moved | undefined;
  let outcome: 'unfinished' | 'whole' | 'wrong' = 'unfinished';
  try {
    await transfer.untilFinished();
    if (!part.completion.have.isFull) {
      earlier = transfer.moved;
      await close(transfer, resources);
      await part.copyTwins(resources);
      transfer = new Transfer(candidate, part, resources);
      await transfer.untilFinished();
    }
    await part.storage.sync();
    const mismatch = await checkWhole(candidate, part, resources);
    outcome = mismatch === undefined ? 'whole' : 'wrong';
    if (mismatch !== undefined) throw mismatch;
    return {
      moved: { ...sumOf(transfer.moved, earlier), reused: part.reused },
      ...(seeding !== undefined && { transfer }),
    };
  } finally {
    if (outcome !== 'unfinished') part.forget();
    const onStuck = (thrown: unknown) => report(toError(thrown), 'close the download');
    if (outcome === 'whole' && seeding !== undefined) transfer.holdReads();
    else await close(transfer, resources);
    const isEmpty = bytesOf(torrent, part.completion.have) === 0;
    await part.close(outcome === 'wrong' || (outcome === 'unfinished' && isEmpty)).catch(onStuck);
  }
}

/** Closes a transfer, within a time. An error is reported. */
async function close(transfer: Transfer, { report, wakefulClock }: DownloadResources): Promise<void> {
  const closing = closeAll(
    [{ name: 'the transfer', close: () => transfer.close() }],
    closeLimit(wakefulClock),
  );
  await closing.catch((thrown: unknown) => report(toError(thrown), 'close the download'));
}

/** Adds what two transfers of one torrent have moved. They mostly have the same sources, so that those are not added. */
function sumOf(last: Moved, earlier: Moved | undefined): Moved {
  if (earlier === undefined) return last;
  return {
    downloaded: last.downloaded + earlier.downloaded,
    uploaded: last.uploaded + earlier.uploaded,
    sources: Math.max(last.sources, earlier.sources),
  };
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

/** Checks the whole files by their SHA-256. @returns the error when they are not the wanted ones */
async function checkWhole(
  candidate: TorrentCandidate,
  part: OpenPart,
  resources: DownloadResources,
): Promise<GetError | undefined> {
  const wrong = await part.checkWhole(resources);
  const { name, infoHash, isSingleFile, files } = candidate.metainfo;
  const what = `What torrent ${infoHash} holds as ${name} is`;
  if (wrong.length > 0) {
    const kind = isSingleFile ? 'file' : 'folder';
    return new GetError('MISMATCH', `${what} not the ${kind}: ${describeWrong(wrong, files.length)}`);
  }
  const isListing = await isListingInPlaceOfFolder(candidate, (at, into) => part.storage.read(at, into));
  return isListing ? new GetError('MISMATCH', `${what} the listing of a folder, not the folder`) : undefined;
}

function describeWrong(wrong: readonly WrongFile[], fileCount: number): string {
  const [{ found = 'unknown', expected, path }] = wrong as [WrongFile];
  if (fileCount === 1) return `its SHA-256 is ${found}, not ${expected}`;
  if (wrong.length === 1) return `the SHA-256 of ${withoutMiddle(path)} is ${found}, not ${expected}`;
  const names = someNames(wrong.map((one) => withoutMiddle(one.path)));
  return `${wrong.length} of ${formatCount(fileCount, 'file')} have another SHA-256 than the torrent says: ${names}`;
}
