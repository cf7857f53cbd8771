import { type Command, Option } from 'commander';
import { TRUST_TRACKERS } from './common-flags.ts';
import { runCommand } from './run-command.ts';
import type { SeedFlags } from './run-seed.ts';
import { SettingOption } from './setting-option.ts';

const EXAMPLES = `
Examples:
  $ shoal seed                                 the files in seeder.inputDir
  $ shoal seed photos/ movie.mkv --tracker http://a:9910
  $ shoal seed debian.torrent --data ~/Downloads
`;

export function addSeedCommand(program: Command): void {
  program
    .command('seed')
    .summary('offer files')
    .description(
      'Offers files, and the files in folders, each as a torrent of its own, and registers them with the tracker. Changed files are offered again. Ctrl-C stops it.',
    )
    .argument(
      '[path...]',
      'Files and folders, or .torrent files with --data (default: the folder of the setting seeder.inputDir).',
    )
    .addOption(new SettingOption('--bind <address>', 'seeder.bind'))
    .addOption(new SettingOption('--host <address>', 'seeder.host'))
    .addOption(new SettingOption('--port <port>', 'seeder.port'))
    .addOption(new SettingOption('--max-connections <count>', 'seeder.maxConnections'))
    .addOption(new SettingOption('--limit-up <rate>', 'limit.up'))
    .addOption(new SettingOption('--limit-up-per-torrent <rate>', 'limit.upPerTorrent'))
    .addOption(new SettingOption('--tracker <url>', 'tracker.url'))
    .addOption(new SettingOption('--cache-dir <folder>', 'seeder.cacheDir'))
    .addOption(new SettingOption('--token <token>', 'seeder.token'))
    .addOption(new Option('--v1', 'Make v1 torrents, which every program reads (the default).'))
    .addOption(new Option('--v2', 'Make v2 torrents.').conflicts(['v1', 'hybrid']))
    .addOption(new Option('--hybrid', 'Make torrents that are v1 and v2 in one.').conflicts(['v1', 'v2']))
    .option('--hidden', 'Include files and folders whose names begin with a dot.')
    .option('--follow', 'Follow symbolic links in folders, even to the outside of them.')
    .option('--keep-trying', 'Go on if the tracker refuses the token, or its certificate is not trusted.')
    .option('--trust-trackers', TRUST_TRACKERS)
    .option(
      '--data <path>',
      'File or folder with the files of the given .torrent files. Each torrent is announced to its own trackers, and also to tracker.url if that is set.',
    )
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], flags: SeedFlags, command: Command) =>
      runCommand(command, async (context) => (await import('./run-seed.ts')).runSeed(context, paths, flags), {
        runsLong: true,
      }),
    );
}
