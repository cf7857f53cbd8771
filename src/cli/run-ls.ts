import { fetchSeeders, fetchTorrents } from '../tracker-client/index.ts';
import { formatAddress, printable, shown, withoutSecrets } from '../util/index.ts';
import { formatCount, formatSeconds, formatSize, formatTable } from './format.ts';
import type { CommandContext } from './run-command.ts';

type Seeders = Awaited<ReturnType<typeof fetchSeeders>>;
type Torrents = Awaited<ReturnType<typeof fetchTorrents>>;

export async function runLs({ settings, output, signal }: CommandContext): Promise<void> {
  const tracker = settings['tracker.url'];
  const [seeders, torrents] = await Promise.all([
    fetchSeeders(tracker, { signal }),
    fetchTorrents(tracker, {}, { signal }),
  ]);
  output.print(
    {
      tracker: withoutSecrets(tracker),
      seeders: seeders.seeders,
      totalSeeders: seeders.total,
      torrents: torrents.torrents,
      totalTorrents: torrents.total,
    },
    [...seederLines(seeders), '', ...torrentLines(torrents)],
  );
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

function torrentLines({ torrents, total }: Torrents): string[] {
  const rows = torrents.map(({ name, size, seeders, sha256, infoHash }) => [
    seeders,
    formatSize(size),
    sha256 ?? `torrent ${infoHash}`,
    shown(name),
  ]);
  return listLines('torrent', total, ['SEEDERS', 'SIZE', 'SHA-256', 'NAME'], rows);
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
