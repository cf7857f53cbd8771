import { type Command, Option } from 'commander';
import { createSeeder, type Seeder, type SeederOptions } from '../seeder/index.ts';
import { UsageError } from './errors.ts';
import { formatCount, formatSize } from './format.ts';
import { untilInterrupted } from './interruption.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import { RegistrationNews } from './registration-news.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { SettingOption } from './setting-option.ts';

const EXAMPLES = `
Examples:
  $ shoal seed                                 the files in seeder.inputDir
  $ shoal seed photos/ movie.mkv --tracker http://a:9910
  $ shoal seed debian.torrent --data ~/Downloads
`;

interface SeedFlags {
  readonly v2?: true;
  readonly hybrid?: true;
  readonly data?: string;
}

export function addSeedCommand(program: Command): void {
  program
    .command('seed')
    .summary('offer files')
    .description(
      'Offers files, and those in folders, each as a torrent of its own, and tells the tracker. Ctrl-C stops it.',
    )
    .argument('[path...]', 'files and folders, or .torrent files with --data; not given: seeder.inputDir')
    .addOption(new SettingOption('--host <address>', 'seeder.host'))
    .addOption(new SettingOption('--port <port>', 'seeder.port'))
    .addOption(new SettingOption('--limit-up <rate>', 'limit.up'))
    .addOption(new SettingOption('--limit-up-per-torrent <rate>', 'limit.upPerTorrent'))
    .addOption(new SettingOption('--tracker <url>', 'tracker.url'))
    .addOption(new Option('--v1', 'torrents of the first version, which every program reads (the default)'))
    .addOption(new Option('--v2', 'torrents of the second version only').conflicts(['v1', 'hybrid']))
    .addOption(new Option('--hybrid', 'torrents of both versions').conflicts(['v1', 'v2']))
    .option(
      '--data <path>',
      'where the files of torrents made elsewhere are; these are announced to their own trackers, and to --tracker',
    )
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], flags: SeedFlags, command: Command) =>
      runCommand(command, (context) => runSeed(context, paths, flags)),
    );
}

async function runSeed(context: CommandContext, paths: readonly string[], flags: SeedFlags): Promise<void> {
  const { settings, output, progress, onWarning, signal } = context;
  const offered = await offeredBy(context, paths, flags);
  const host = settings['seeder.host'];
  const news = new RegistrationNews(context, offered.tracker);
  await using seeder = await createSeeder({
    ...offered,
    ...(host !== undefined && { host }),
    version: flags.v2 ? 'v2' : flags.hybrid ? 'hybrid' : 'v1',
    port: settings['seeder.port'],
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
