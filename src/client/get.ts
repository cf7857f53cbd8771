import { defaultOf } from '../config/index.ts';
import { createHashPool, type HashPool } from '../hashing/index.ts';
import { type Metainfo, reportWarnings } from '../metainfo/index.ts';
import { tcpNetwork } from '../net/index.ts';
import { Session } from '../session/index.ts';
import {
  deliverPart,
  finishDelivery,
  lockPart,
  OpenFiles,
  type Part,
  removeStaleLock,
} from '../storage/index.ts';
import { makePeerId } from '../swarm/index.ts';
import {
  type CallbackError,
  closeAll,
  formatCount,
  GivenUpError,
  guardCallback,
  inBackground,
  systemClock,
  systemRandom,
  toError,
  untilGivenUp,
  wakefulClock,
  warnProcess,
  withoutMiddle,
} from '../util/index.ts';
import { checkGetOptions } from './check-options.ts';
import { download } from './download.ts';
import type { DownloadResources, Moved } from './download-resources.ts';
import { explain } from './explain.ts';
import { candidateOf, candidatesAt, type TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';
import type { GetOptions, GetPhase, GetResult, RenamedFile } from './get-options.ts';
import { nameOutput } from './name-output.ts';
import { type PlannedOutput, planOutput } from './output.ts';
import { CLIENT_SETTINGS } from './settings.ts';
import { CLOSE_LIMIT, STOPPING_MS, stopBy } from './stop.ts';
import { isThereAlready } from './there-already.ts';

/**
 * Gets a file from all machines that have it at once, checks it, and gives it its name only when it is whole.
 *
 * The file is written to `OUTPUT.part`. Every piece is checked when it has come, and the whole file once more if its SHA-256
 * is known. Only then is it renamed. Pieces that an earlier try has left in `OUTPUT.part` are used: a file that was not
 * written to since `OUTPUT.part.resume` was saved is trusted, and all others are checked by their hashes. After a failure
 * `OUTPUT.part` stays if any piece of it is good, and is removed if the whole did not match. While `OUTPUT.part.lock` names a
 * running process, no other one downloads to OUTPUT.
 *
 * A file or folder that is there already is checked, and left alone if it is the wanted one. Otherwise only a regular file or
 * an empty folder at OUTPUT is replaced, in one step, and a file only if the caller has named it. A symbolic link is followed
 * and stays. A folder with other things in it, a device, a named pipe and a socket are refused.
 *
 * While it downloads, it also uploads to other peers. It ends when it has everything.
 *
 * When the signal aborts, it ends within a few seconds, even if a disk hangs. A thread that waits for such a disk is left
 * alone. (`process.exit()` waits for that thread; a signal can end the process.)
 *
 * @param options the file to get, its output, the deadline, limits and callbacks
 * @returns the path of the file, and what was downloaded
 * @throws {GetError} with a `code` for each way to fail
 * @throws {NetworkError} PORT_IN_USE when another program listens on the port
 *
 * @example
 * ```ts
 * import { get } from 'shoal';
 *
 * const { path } = await get({
 *   tracker: 'http://tracker.example:9910',
 *   sha256: 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1',
 *   output: 'aow.txt',
 *   signal: AbortSignal.timeout(30_000),
 * });
 * console.log(`Saved as ${path}`);
 * ```
 */
export async function get(options: GetOptions): Promise<GetResult> {
  checkGetOptions(options);
  const wanted = normalize(options);
  const stop = stopBy(options.signal);
  const onThrown = (error: CallbackError) => stop.abort(error);
  const report = guardCallback('onWarning', options.onWarning ?? warnProcess, onThrown);
  const { signal } = stop;
  const tell = guardCallback('onProgress', options.onProgress, onThrown);
  const debug = guardCallback('onDebug', options.onDebug, onThrown);
  const opened: Opened = { pool: createHashPool() };
  let phase: GetPhase | undefined;
  try {
    const work = getAndClose(wanted, opened, {
      report,
      debug,
      signal,
      tell: (progress) => {
        if (signal.aborted) return;
        phase = progress.phase;
        tell(progress);
      },
    });
    return await untilGivenUp(work, { signal, graceMs: STOPPING_MS, clock: wakefulClock, report });
  } catch (thrown) {
    // The work that hangs may never end, so that nothing else would close these.
    if (thrown instanceof GivenUpError) inBackground(closeOpened(opened), 'close what was given up', report);
    throw explain(toError(thrown), signal, phase);
  } finally {
    stop.forget();
  }
}

/** The things that must be closed in the end. */
interface Opened {
  readonly pool: HashPool;
  session?: Session;
}

/** Gets the file, and closes everything in the end. @throws the error that ended it, unchanged */
async function getAndClose(
  wanted: GetOptions,
  opened: Opened,
  calls: Pick<DownloadResources, 'report' | 'debug' | 'signal' | 'tell'>,
): Promise<GetResult> {
  const { report, signal } = calls;
  const { pool } = opened;
  const shared = { clock: systemClock, random: systemRandom, report, peerId: makePeerId() };
  const startedAt = systemClock.now();
  try {
    signal.throwIfAborted();
    // The thread starts while the tracker and the first peer answer.
    pool.start();
    opened.session = await Session.open({
      ...shared,
      network: tcpNetwork({ report }),
      makeTrees: pool,
      host: wanted.bind ?? wanted.host,
      port: wanted.port ?? 0,
      limits: wanted.limits,
    });
    const result = await getWith(
      { ...wanted, signal },
      {
        ...shared,
        ...calls,
        session: opened.session,
        pool,
        openFiles: new OpenFiles({ clock: systemClock, report }),
        preallocation: wanted.preallocation ?? defaultOf(CLIENT_SETTINGS.preallocation),
        trustTrackers: wanted.trustTrackers ?? false,
        trackerPatienceMs: wanted.trackerPatienceMs ?? defaultOf(CLIENT_SETTINGS.trackerPatienceMs),
      },
    );
    return { ...result, seconds: (systemClock.now() - startedAt) / 1000 };
  } finally {
    await closeOpened(opened).catch((thrown: unknown) => report(toError(thrown), 'close'));
  }
}

async function closeOpened({ pool, session }: Opened): Promise<void> {
  await closeAll(
    [
      { name: 'the session', close: () => session?.close() },
      { name: 'the hashing threads', close: () => pool.close() },
    ],
    CLOSE_LIMIT,
  );
}

/** Tries one torrent after the other: the tracker's word may be wrong, but not the wanted size and SHA-256. */
async function getWith(
  options: GetOptions,
  resources: DownloadResources,
): Promise<Omit<GetResult, 'seconds'>> {
  let mismatch: GetError | undefined;
  for await (const candidate of candidates(options, resources)) {
    reportWarnings(candidate.metainfo, resources.report);
    try {
      return await getOne(candidate, options, resources);
    } catch (thrown) {
      if (!(thrown instanceof GetError) || thrown.code !== 'MISMATCH') throw thrown;
      resources.report(thrown, 'check the whole file');
      mismatch = thrown;
    }
  }
  throw mismatch ?? new GetError('NOT_FOUND', 'No torrent that the tracker names could be used');
}

async function* candidates(
  options: GetOptions,
  resources: DownloadResources,
): AsyncGenerator<TorrentCandidate> {
  if (options.torrent !== undefined) {
    yield candidateOf(options.torrent, options);
    return;
  }
  resources.tell({ phase: 'looking-up', done: 0, total: 0, downloadRate: 0, uploadRate: 0, peers: 0 });
  yield* candidatesAt(options.tracker!, options, resources);
}

async function getOne(candidate: TorrentCandidate, options: GetOptions, resources: DownloadResources) {
  const { output } = options;
  const { metainfo, sha256, others } = candidate;
  let planned: PlannedOutput | undefined;
  let moved: Moved = { downloaded: 0, uploaded: 0, sources: 0 };
  let wasThere: boolean;
  try {
    planned = await planOutput(metainfo, options);
    const { renamed } = planned;
    if (renamed.length > 0) resources.report(explainRenamed(renamed, metainfo), 'keep all names');
    wasThere = await isThereAlready(candidate, planned, resources);
    if (wasThere) await tidy(planned.part, resources);
    else moved = await downloadLocked(candidate, planned, resources);
  } catch (thrown) {
    throw nameOutput(thrown, output ?? metainfo.name, planned?.part);
  }
  const { part, renamed } = planned;
  const { downloaded, uploaded, sources } = moved;
  return {
    path: part.output,
    name: metainfo.name,
    size: metainfo.length,
    ...(sha256 === undefined ? {} : { sha256 }),
    infoHash: metainfo.infoHash,
    wasThere,
    ...(others.length > 0 && { others }),
    ...(renamed.length > 0 && { renamed }),
    downloaded,
    uploaded,
    sources,
  };
}

/** Removes the files that an earlier process has left beside the output, because it was killed at delivery. */
async function tidy(part: Part, { report }: DownloadResources): Promise<void> {
  await finishDelivery(part);
  // The output is whole even if this fails, for example because the folder is not writable.
  await removeStaleLock(part).catch((thrown: unknown) => report(toError(thrown), 'tidy up'));
}

/** The most names in a warning. The result has all of them. */
const RENAMED_TOLD = 3;

function explainRenamed(renamed: readonly RenamedFile[], { files }: Metainfo): GetError {
  const told = renamed
    .slice(0, RENAMED_TOLD)
    .map(({ path, diskPath }) => `${JSON.stringify(withoutMiddle(path))} as ${JSON.stringify(diskPath)}`);
  const more = renamed.length > told.length ? ', …' : '';
  return new GetError(
    'RENAMED',
    `${renamed.length} of ${formatCount(files.length, 'file')} ${renamed.length === 1 ? 'gets another name' : 'get other names'} on this disk: ${told.join(', ')}${more}`,
  );
}

async function downloadLocked(
  candidate: TorrentCandidate,
  { part, mayReplace }: PlannedOutput,
  resources: DownloadResources,
): Promise<Moved> {
  const lock = await lockPart(part, resources);
  try {
    const moved = await download(candidate, part, resources);
    // From here on there is no way back. A get that fails before this leaves nothing at the output's name.
    resources.signal.throwIfAborted();
    await deliverPart(part, { mayReplace });
    return moved;
  } finally {
    const { report } = resources;
    await closeAll([{ name: part.lockPath, close: () => lock.release() }], CLOSE_LIMIT).catch(
      (thrown: unknown) => report(toError(thrown), 'unlock the download'),
    );
  }
}

function normalize(options: GetOptions): GetOptions {
  const { tracker, name, size, sha256, infoHash, torrent } = options;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new GetError(
      'USAGE',
      `Cannot get a file by SHA-256 ${JSON.stringify(sha256)}: it has 64 hex digits`,
    );
  }
  if (options.output === '') throw new GetError('USAGE', 'Cannot get a file: output is empty');
  if (torrent === undefined && tracker === undefined) {
    throw new GetError('USAGE', 'Cannot get a file: neither a torrent nor a tracker to ask for one is given');
  }
  if (infoHash !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(infoHash)) {
    throw new GetError(
      'USAGE',
      `Cannot get a torrent by info-hash ${JSON.stringify(infoHash)}: it has 40 or 64 hex digits`,
    );
  }
  if ([torrent, name, size, sha256, infoHash].every((wanted) => wanted === undefined)) {
    throw new GetError('USAGE', 'Cannot get a file: none of name, size, SHA-256 and info-hash says which');
  }
  return {
    ...options,
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(infoHash !== undefined && { infoHash: infoHash.toLowerCase() }),
  };
}
