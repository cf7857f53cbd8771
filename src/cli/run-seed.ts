import { optionsFrom } from '../config/index.ts';
import {
  createSeeder,
  type SeededTorrent,
  type Seeder,
  type SeederOptions,
  type TorrentWithData,
} from '../seeder/index.ts';
import { SEEDER_SETTINGS } from '../seeder/settings.ts';
import { type ReportError, systemClock, toError, withoutSecrets } from '../util/index.ts';
import { cacheFolder } from './cache-folder.ts';
import { UsageError } from './errors.ts';
import { formatCount, formatSize } from './format.ts';
import { givenTracker } from './given-tracker.ts';
import { untilInterrupted } from './interruption.ts';
import { failureFields, leftOutLines } from './left-out.ts';
import { offeredLines } from './offered-lines.ts';
import { OfferedNews } from './offered-news.ts';
import { pathArgument } from './path-argument.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import { refuseUrl } from './refuse-url.ts';
import { RegistrationNews } from './registration-news.ts';
import type { CommandContext } from './run-command.ts';

export interface SeedFlags {
  readonly v2?: true;
  readonly hybrid?: true;
  readonly data?: string;
  readonly hidden?: true;
  readonly follow?: true;
  readonly asOne?: true;
  readonly name?: string;
  readonly skipUnreadable?: true;
  readonly watch?: true;
  readonly keepTrying?: true;
  readonly trustTrackers?: true;
}

export async function runSeed(
  context: CommandContext,
  paths: readonly string[],
  flags: SeedFlags,
): Promise<void> {
  const { settings, output, progress, onWarning, signal } = context;
  const offered = await offeredBy(context, await Promise.all(paths.map(pathArgument)), flags);
  const trackers = (offered.tracker ?? []).map(withoutSecrets);
  const describe = (torrents: readonly SeededTorrent[]) => offeredLines(torrents, trackers);
  const news = new RegistrationNews(context);
  const offers = new OfferedNews({
    output,
    clock: systemClock,
    ...(flags.asOne && { describe }),
  });
  await using seeder = await createSeeder({
    ...offered,
    ...optionsFrom(SEEDER_SETTINGS, settings),
    cacheDir: settings['seeder.cacheDir'] ?? cacheFolder(),
    version: flags.v2 ? 'v2' : flags.hybrid ? 'hybrid' : 'v1',
    limitUp: settings['limit.up'],
    limitUpPerTorrent: settings['limit.upPerTorrent'],
    hidden: flags.hidden ?? false,
    follow: flags.follow ?? false,
    asOne: flags.asOne ?? false,
    ...(flags.name !== undefined && { name: flags.name }),
    skipUnreadable: flags.skipUnreadable ?? false,
    watch: flags.watch ?? false,
    keepTrying: flags.keepTrying ?? false,
    trustTrackers: flags.trustTrackers ?? false,
    signal,
    onHashing: (hashing) => progress.update({ phase: 'hashing', ...hashing }),
    onRegistered: news.onRegistered,
    // A refusal ends the command, which then reports it.
    onRefused: () => {},
    onWithdrawn: (torrent, { code, message }) => {
      const { path, name, infoHash } = torrent;
      // People get a warning instead.
      output.tell('withdrawn', { path, name, infoHash, code, message });
    },
    onOffered: offers.onOffered,
    onWarning,
    onDebug: (message) => context.log.debug(message),
  });
  progress.stop();
  tellListening(context, seeder, flags.asOne ? describe(seeder.torrents) : []);
  news.release();
  // `registered` rejects when the tracker refuses the seeder.
  await Promise.race([untilInterrupted(signal), seeder.registered.then(() => untilInterrupted(signal))]);
  offers.flush();
  const { uploaded } = seeder.stats;
  output.tell('stopped', { uploaded }, `Seeder stopped, ${formatSize(uploaded)} uploaded`);
}

/** Finds the files and torrents to seed, and the trackers to register with. */
async function offeredBy(
  context: CommandContext,
  paths: readonly string[],
  { data, asOne, name }: SeedFlags,
): Promise<Pick<SeederOptions, 'paths' | 'torrents'> & { readonly tracker?: readonly string[] }> {
  const { settings } = context;
  const tracker = settings['tracker.url'];
  for (const path of paths) refuseUrl('seed', path);
  if (data !== undefined && asOne)
    throw new UsageError('Cannot seed: --as-one is for folders, and --data for .torrent files');
  if (name !== undefined && !asOne)
    throw new UsageError('Cannot seed: --name is for a folder that is offered --as-one');
  if (data === undefined) {
    const torrent = paths.find((path) => path.endsWith('.torrent'));
    if (torrent !== undefined && !asOne)
      throw new UsageError(`Cannot seed ${torrent}: give the folder of its files by --data`);
    return { paths: paths.length > 0 ? paths : [settings['seeder.inputDir']], tracker };
  }
  if (paths.length === 0) throw new UsageError('Cannot seed --data: give the .torrent files of its files');
  const torrents = await readTorrents(paths, data, context.onWarning);
  // The torrents may name trackers of their own.
  const given = givenTracker(context);
  return { torrents, ...(given !== undefined && { tracker: given }) };
}

/** Reads `.torrent` files. A file that cannot be read is reported, and the others are still read. */
async function readTorrents(
  paths: readonly string[],
  data: string,
  onWarning: ReportError,
): Promise<TorrentWithData[]> {
  const torrents: TorrentWithData[] = [];
  const failures: Error[] = [];
  for (const path of paths) {
    try {
      torrents.push({ torrent: await readTorrentFile(path), data: await pathArgument(data), path });
    } catch (thrown) {
      failures.push(toError(thrown));
    }
  }
  const [first] = failures;
  if (first !== undefined && torrents.length === 0) throw first;
  for (const failure of failures) onWarning(failure, 'offer everything');
  return torrents;
}

function tellListening({ output }: CommandContext, seeder: Seeder, offered: readonly string[]): void {
  const { address, torrents, notOffered, leftOut } = seeder;
  const size = torrents.reduce((sum, torrent) => sum + torrent.size, 0);
  const where = address.host === '::' || address.host === '0.0.0.0' ? '*' : address.host;
  output.tell(
    'listening',
    { ...address, torrents, notOffered: failureFields(notOffered), leftOut },
    `Seeding ${formatCount(torrents.length, 'torrent')} on ${where}:${address.port} (${formatSize(size)})`,
    ...offered,
    ...leftOutLines(leftOut),
  );
}
