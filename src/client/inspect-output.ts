import { access, constants } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileStateOf, HashingError, type VerifyResult } from '../hashing/index.ts';
import { contentIdOfTorrent } from '../metainfo/index.ts';
import { type FaultyEntry, listStrangers, lookAtEntries, StorageError } from '../storage/index.ts';
import { fsPath, withoutMiddle } from '../util/index.ts';
import { expectedSha256s } from './check-files.ts';
import type { Watch } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import type { PlannedOutput } from './output.ts';
import { paced } from './paced.ts';
import { progressOf } from './progress-of.ts';
import { someNames } from './some-names.ts';

/** The most paths of things in a folder that are not of the torrent, in a result. */
export const MAX_EXTRA = 1000;

/** An entry of the torrent that is not in the output as it should be. `content`: its bytes differ. */
export type OutputFault = Omit<FaultyEntry, 'fault'> & { readonly fault: FaultyEntry['fault'] | 'content' };

/** The output as it is on the disk, compared with the torrent. */
export interface Inspection {
  /** The faults; empty when everything is there. */
  readonly faults: readonly OutputFault[];
  /** The pieces that are there, and the state of each file; `undefined` unless all pieces were asked for. */
  readonly pieces: VerifyResult | undefined;
  /** The paths below the output that are not of the torrent, at most {@link MAX_EXTRA}. */
  readonly extra: readonly string[];
  /** The paths below the output of links that the disk cannot hold. */
  readonly notKept: readonly string[];
}

/** The parts that an inspection uses. */
type Tools = Pick<DiskTools, 'pool' | 'clock'> & Watch;

/**
 * Compares the file or folder that is at the output's path with the torrent. A file is checked by its SHA-256 if that is
 * known, and otherwise by its pieces. For a folder, links, modes and empty folders count, too.
 *
 * @param options.readsAll whether all pieces are checked even if the sizes show that the output is not whole
 * @throws {StorageError} {HashingError} and the signal's reason
 */
export async function inspectOutput(
  candidate: TorrentCandidate,
  planned: PlannedOutput,
  tools: Tools,
  { readsAll = false } = {},
): Promise<Inspection> {
  const { part, delivered, hasModes } = planned;
  const { isFile, output } = part;
  // A torrent of another program may say nothing about modes, and a file that is run is no damage then.
  const modes = hasModes && contentIdOfTorrent(candidate.metainfo) !== undefined;
  const found = await lookAtEntries(delivered, output, {
    modes,
    many: tools.pool.files,
    signal: tools.signal,
  });
  // A disk without modes may have no links either; those that it cannot hold are no damage.
  const isLost = (one: FaultyEntry) => !hasModes && one.of === 'links' && one.fault === 'missing';
  const faults: OutputFault[] = found.filter((one) => !isLost(one));
  const notKept = found.filter(isLost).map(({ path }) => relative(output, path));
  // Something that is in the way, or unreadable, is an error whatever the files hold.
  const isRead = faults.every((one) => readsAll && !IN_THE_WAY.has(one.fault));
  let pieces: VerifyResult | undefined;
  try {
    pieces = readsAll && isRead ? await verifyPieces(candidate, planned, true, tools) : undefined;
    const differing = isRead ? await filesThatDiffer(candidate, planned, pieces, tools) : [];
    const told = new Set(
      faults.flatMap((one) => (one.of === 'files' && one.fault !== 'mode' ? [one.index] : [])),
    );
    for (const index of differing) {
      const { path } = delivered.files[index]!;
      if (!told.has(index)) faults.push({ of: 'files', index, path, fault: 'content' });
    }
  } catch (thrown) {
    if (!(thrown instanceof HashingError) || thrown.code !== 'FILE_UNREADABLE') throw thrown;
    const unreadable = await unreadableAmong(planned);
    if (unreadable.length === 0) throw thrown;
    faults.push(...unreadable);
  }
  const extra = isFile ? [] : await listStrangers(delivered, output, MAX_EXTRA, tools.signal);
  return {
    faults,
    pieces,
    extra: extra.map((path) => relative(output, path)),
    notKept: [...planned.unsafeLinks, ...notKept],
  };
}

/** The faults that no repair can mend, because it would have to remove something, or cannot look at it. */
export const IN_THE_WAY: ReadonlySet<OutputFault['fault']> = new Set(['kind', 'unreadable']);

/** Finds the files that this user may not read. */
async function unreadableAmong({ delivered }: PlannedOutput): Promise<OutputFault[]> {
  const found: OutputFault[] = [];
  for (const [index, { path }] of delivered.files.entries()) {
    const code = await access(fsPath(path), constants.R_OK).then(
      () => undefined,
      (thrown: NodeJS.ErrnoException) => thrown.code,
    );
    if (code === 'EACCES' || code === 'EPERM') found.push({ of: 'files', index, path, fault: 'unreadable' });
  }
  return found;
}

/** Counts the entries that have a fault, each once. */
export function countFaulty(faults: readonly OutputFault[]): number {
  return new Set(faults.map(({ of, index, path }) => `${of} ${index} ${index < 0 ? path : ''}`)).size;
}

function verifyPieces(
  candidate: TorrentCandidate,
  { part }: PlannedOutput,
  sha256: boolean,
  tools: Tools,
): Promise<VerifyResult> {
  const { pool, signal } = tools;
  const onProgress = toldBy(candidate, tools);
  return pool.verifyFiles(candidate.metainfo, part.output, { sha256, signal, onProgress });
}

/** Finds the files whose bytes differ. @returns their indices */
async function filesThatDiffer(
  candidate: TorrentCandidate,
  planned: PlannedOutput,
  pieces: VerifyResult | undefined,
  tools: Tools,
): Promise<number[]> {
  const { metainfo } = candidate;
  const expected = expectedSha256s(candidate);
  const indices = [...expected.keys()];
  if (pieces === undefined && !expected.includes(undefined)) {
    const { pool, signal } = tools;
    const onProgress = toldBy(candidate, tools);
    const found = await pool.sha256Files(planned.delivered.files, { signal, onProgress });
    return indices.filter((index) => found[index] !== expected[index]);
  }
  const result = pieces ?? (await verifyPieces(candidate, planned, false, tools));
  return indices.filter((index) => {
    const { sha256 } = result.files[index]!;
    return sha256 === undefined || expected[index] === undefined
      ? fileStateOf(metainfo, result, index) !== 'ok'
      : sha256 !== expected[index];
  });
}

function toldBy(candidate: TorrentCandidate, { clock, tell }: Tools): (done: number) => void {
  return paced(clock, (done) => tell(progressOf('checking', candidate, done)));
}

/** The words for the faults, in the order in which a message has them. */
const WORDS: readonly (readonly [OutputFault['fault'], string])[] = [
  ['missing', 'missing'],
  ['unreadable', 'that cannot be read'],
  ['kind', 'of another kind'],
  ['size', 'of another size'],
  ['content', 'with other content'],
  ['mode', 'with another mode'],
  ['target', 'leading elsewhere'],
];

/** Tells how many entries have which fault, and names some: `1 missing (a.txt), 2 of another size (b, c)`. */
export function describeFaults(faults: readonly OutputFault[], output: string): string {
  const told = WORDS.map(([fault, word]) => {
    const paths = faults
      .filter((one) => one.fault === fault)
      .map(({ path }) => relative(output, path) || path);
    if (paths.length === 0) return '';
    return `${paths.length} ${word} (${someNames(paths.map(withoutMiddle))})`;
  });
  return told.filter((text) => text !== '').join(', ');
}

/** Makes the error for an output that is there and not as in the torrent. */
export function damagedOutput({ faults }: Inspection, { part, delivered }: PlannedOutput): StorageError {
  const { output, isFile } = part;
  const faulty = countFaulty(faults);
  const total = delivered.files.length + delivered.links.length + delivered.emptyFolders.length;
  const reason = isFile
    ? "a file of that name is there, and it is not what is wanted. The torrent's name replaces no file: name the output (-o), or allow it (--force); --repair mends a damaged file"
    : `a folder of that name is there, and ${faulty} of ${total === 1 ? '1 entry' : `${total} entries`} in it ${faulty === 1 ? 'is' : 'are'} not as in the torrent: ${describeFaults(faults, output)}. --repair mends it, --force replaces the whole folder, and -o names another one`;
  return new StorageError('NOT_WRITABLE', output, { action: 'download to', reason });
}
