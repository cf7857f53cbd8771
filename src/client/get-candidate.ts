import { contentIdOfTorrent, folderFaultOf, type Metainfo } from '../metainfo/index.ts';
import { closeAll, toError } from '../util/index.ts';
import type { FoundOutput, OutputPlace } from './disk.ts';
import { type Downloaded, download } from './download.ts';
import type { DownloadResources } from './download-resources.ts';
import { explainExtra, explainNotKept, explainRenamed } from './explain-output.ts';
import type { TorrentCandidate } from './find.ts';
import { GetError } from './get-error.ts';
import type { GetOptions, GetResult, SeedingResult } from './get-options.ts';
import { seedDelivered } from './seed-delivered.ts';
import { closeLimit } from './stop.ts';
import type { Transfer } from './transfer.ts';

/** A file or folder that is there, whole. */
export interface WholeOutput {
  readonly result: Omit<GetResult, 'seconds'>;
  /** Seeds it. It never rejects; `undefined` when it is not to be seeded. */
  readonly seed?: () => Promise<SeedingResult>;
}

/**
 * Gets a torrent that a look-up has found: checks what is at its output, downloads what is missing, and delivers it.
 *
 * @throws what `get()` does
 */
export async function getCandidate(
  candidate: TorrentCandidate,
  options: GetOptions,
  resources: DownloadResources,
): Promise<WholeOutput> {
  const { metainfo, sha256, others } = candidate;
  refuseFolderFaults(metainfo);
  const output = await resources.disk.plan(candidate, options, resources);
  const { path, renamed } = output;
  const { seeding } = resources;
  let { moved, transfer }: Downloaded = { moved: { downloaded: 0, uploaded: 0, sources: 0, reused: 0 } };
  let found: FoundOutput;
  let notKept: readonly string[];
  // A file that changes while it is checked must not be seeded.
  let versions = seeding === undefined ? undefined : await output.versions();
  try {
    if (renamed.length > 0) resources.report(explainRenamed(renamed, metainfo), 'keep all names');
    found = await output.look(resources);
    notKept = found.notKept;
    if (found.isWhole) await output.tidy();
    else {
      ({ moved, transfer, notKept } = await downloadLocked(candidate, output, resources));
      versions = undefined;
    }
  } catch (thrown) {
    throw output.nameIn(thrown);
  }
  const { extra, removed, isWhole: wasThere } = found;
  if (extra.length > 0) resources.report(explainExtra(extra, path), 'give back only what was published');
  if (notKept.length > 0) resources.report(explainNotKept(notKept), 'keep links and modes');
  const repaired = options.repair === true && !wasThere ? found.faults : 0;
  const contentId = contentIdOfTorrent(metainfo);
  const { downloaded, uploaded, sources, reused } = moved;
  const result = {
    path,
    name: metainfo.name,
    size: metainfo.length,
    ...(sha256 === undefined ? {} : { sha256 }),
    infoHash: metainfo.infoHash,
    ...(contentId !== undefined && { contentId }),
    ...(!metainfo.isSingleFile && { files: metainfo.files.length, links: metainfo.symlinks.length }),
    wasThere,
    ...(extra.length > 0 && { extra }),
    ...(removed.length > 0 && { removed }),
    ...(notKept.length > 0 && { notKept }),
    ...(repaired > 0 && { repaired }),
    ...(others.length > 0 && { others }),
    ...(renamed.length > 0 && { renamed }),
    downloaded,
    uploaded,
    sources,
    reused,
  };
  if (seeding === undefined) return { result };
  // The trackers of a .torrent did not register it.
  const trackers = options.torrent === undefined ? [options.tracker ?? []].flat() : [];
  return {
    result,
    seed: () => seedDelivered({ candidate, output, versions, transfer }, seeding, trackers, resources),
  };
}

async function downloadLocked(
  candidate: TorrentCandidate,
  output: OutputPlace,
  resources: DownloadResources,
): Promise<Downloaded & { readonly notKept: readonly string[] }> {
  const { signal, wakefulClock, report } = resources;
  const part = await output.lock();
  let isDelivered = false;
  let transfer: Transfer | undefined;
  try {
    const downloaded = await download(candidate, part, resources);
    transfer = downloaded.transfer;
    // From here on there is no way back. A get that fails before this leaves nothing at the output's name.
    signal.throwIfAborted();
    const notKept = await part.deliver(resources);
    isDelivered = true;
    return { ...downloaded, notKept };
  } finally {
    if (!isDelivered) await transfer?.close();
    const released = closeAll(
      [{ name: `the lock of ${output.path}`, close: () => part.release() }],
      closeLimit(wakefulClock),
    );
    await released.catch((thrown: unknown) => report(toError(thrown), 'unlock the download'));
  }
}

/** Refuses a torrent of a folder that must not be made, for example because a link leads out of it. @throws {GetError} */
function refuseFolderFaults(metainfo: Metainfo): void {
  const fault = folderFaultOf(metainfo);
  if (fault === undefined) return;
  throw new GetError('BAD_TORRENT', `Cannot download ${metainfo.name}: ${fault}`);
}
