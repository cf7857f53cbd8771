import { distinctTrackers, fetchSeeders, fetchTorrents } from '../tracker-client/index.ts';
import { formatAddress, printable, shown, toError, withoutSecrets } from '../util/index.ts';
import { formatCount, formatSeconds, formatSize, formatTable } from './format.ts';
import type { CommandContext } from './run-command.ts';

type Seeders = Awaited<ReturnType<typeof fetchSeeders>>;
type Torrents = Awaited<ReturnType<typeof fetchTorrents>>;

/** Lists what each tracker has. One that fails is reported, and ends the command with its error only if all fail. */
export async function runLs({ settings, output, signal, onWarning }: CommandContext): Promise<void> {
  const trackers = distinctTrackers(settings['tracker.url']);
  const asked = trackers.map((tracker) => listAt(tracker, signal));
  const results = await Promise.allSettled(asked);
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [toError(result.reason)] : [],
  );
  if (failures.length === results.length) {
    for (const failure of failures.slice(0, -1)) onWarning(failure, 'list all trackers');
    throw failures.at(-1)!;
  }
  let isFirst = true;
  for (const [at, result] of results.entries()) {
    if (result.status === 'rejected') {
      onWarning(toError(result.reason), 'list all trackers');
      continue;
    }
    const { seeders, torrents } = result.value;
    const tracker = withoutSecrets(trackers[at]!);
    const title = trackers.length > 1 ? [...(isFirst ? [] : ['']), `Tracker ${tracker}`] : [];
    isFirst = false;
    output.print(
      {
        tracker,
        seeders: seeders.seeders,
        totalSeeders: seeders.total,
        torrents: torrents.torrents,
        totalTorrents: torrents.total,
      },
      [...title, ...seederLines(seeders), '', ...torrentLines(torrents)],
    );
  }
}

async function listAt(
  tracker: string,
  signal: AbortSignal,
): Promise<{ seeders: Seeders; torrents: Torrents }> {
  const [seeders, torrents] = await Promise.all([
    fetchSeeders(tracker, { signal }),
    fetchTorrents(tracker, {}, { signal }),
  ]);
  return { seeders, torrents };
}

function seederLines({ seeders, total }: Seeders): string[] {
  const now = Date.now();
  const rows = seeders.map((seeder) => [
    printable(formatAddress(seeder)),
    seeder.torrents,
    `${formatSeconds((now - Date.parse(seeder.seenAt)) / 1000)} ago`,
  ]);
  return listLines('seeder', total, ['SEEDER', 'TORRENTS', 'SEEN'], rows);
}

/** Makes a line for each file or folder. The number of files is empty where no seeder has told it. */
function torrentLines({ torrents, total }: Torrents): string[] {
  const rows = torrents.map(({ name, size, seeders, sha256, contentId, files, infoHash }) => [
    seeders,
    formatSize(size),
    files ?? (sha256 === undefined ? '' : 1),
    sha256 ?? contentId ?? `torrent ${infoHash}`,
    shown(name),
  ]);
  return listLines('torrent', total, ['SEEDERS', 'SIZE', 'FILES', 'ID', 'NAME'], rows);
}

/** Makes a table with the total count above it, which may be greater than the number of rows. */
function listLines(
  noun: string,
  total: number,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  const more = total > rows.length ? `, the first ${rows.length}` : '';
  return [`${formatCount(total, noun)}${more}`, ...(rows.length > 0 ? formatTable(head, rows) : [])];
}
