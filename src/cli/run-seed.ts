import { createSeeder, type Seeder, type SeederOptions } from '../seeder/index.ts';
import { withoutTokens } from '../tracker-protocol/index.ts';
import { UsageError } from './errors.ts';
import { formatCount, formatSize } from './format.ts';
import { untilInterrupted } from './interruption.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import { RegistrationNews } from './registration-news.ts';
import type { CommandContext } from './run-command.ts';

export interface SeedFlags {
  readonly v2?: true;
  readonly hybrid?: true;
  readonly data?: string;
}

export async function runSeed(
  context: CommandContext,
  paths: readonly string[],
  flags: SeedFlags,
): Promise<void> {
  const { settings, output, progress, onWarning, signal } = context;
  const offered = await offeredBy(context, paths, flags);
  const host = settings['seeder.host'];
  const news = new RegistrationNews(context, offered.tracker && withoutTokens(offered.tracker));
  await using seeder = await createSeeder({
    ...offered,
    ...(host !== undefined && { host }),
    version: flags.v2 ? 'v2' : flags.hybrid ? 'hybrid' : 'v1',
    port: settings['seeder.port'],
    token: settings['seeder.token'],
    limitUp: settings['limit.up'],
    limitUpPerTorrent: settings['limit.upPerTorrent'],
    signal,
    onHashing: (hashing) => progress.update({ phase: 'hashing', ...hashing }),
    onRegistered: news.onRegistered,
    onWarning,
  });
  progress.stop();
  tellListening(context, seeder);
  news.release();
  await untilInterrupted(signal);
  const { uploaded } = seeder.stats;
  output.tell('stopped', { uploaded }, `Seeder stopped, ${formatSize(uploaded)} uploaded`);
}

/** What to seed, and whom to tell. */
async function offeredBy(
  { settings, origins }: CommandContext,
  paths: readonly string[],
  { data }: SeedFlags,
): Promise<Pick<SeederOptions, 'paths' | 'torrents' | 'tracker'>> {
  const tracker = settings['tracker.url'];
  if (data === undefined) {
    const torrent = paths.find((path) => path.endsWith('.torrent'));
    if (torrent !== undefined)
      throw new UsageError(`Cannot seed ${torrent}: say with --data where its files are`);
    return { paths: paths.length > 0 ? paths : [settings['seeder.inputDir']], tracker };
  }
  if (paths.length === 0) throw new UsageError('Cannot seed --data: say of which .torrent files');
  const torrents = await Promise.all(
    paths.map(async (path) => ({ torrent: await readTorrentFile(path), data })),
  );
  // They have trackers of their own.
  return { torrents, ...(origins['tracker.url'].kind === 'flag' && { tracker }) };
}

function tellListening({ output }: CommandContext, { address, torrents }: Seeder): void {
  const size = torrents.reduce((sum, torrent) => sum + torrent.size, 0);
  const where = address.host === '::' || address.host === '0.0.0.0' ? '*' : address.host;
  output.tell(
    'listening',
    { ...address, torrents },
    `Seeding ${formatCount(torrents.length, 'torrent')} on ${where}:${address.port} (${formatSize(size)})`,
  );
}
