import type { Command } from 'commander';
import { TRUST_TRACKERS } from './common-flags.ts';
import { addOfferingFlags } from './offering-flags.ts';
import { runCommand } from './run-command.ts';
import type { SeedFlags } from './run-seed.ts';

const EXAMPLES = `
Examples:
  $ shoal seed                                 the files in seeder.inputDir
  $ shoal seed photos/ movie.mkv --tracker http://a:9910
  $ shoal seed --watch incoming/               and what is put there later
  $ shoal seed debian.torrent --data ~/Downloads
`;

export function addSeedCommand(program: Command): void {
  const command = program
    .command('seed')
    .summary('offer files, each by itself')
    .description(
      'Offers files, and the files in folders, each as a torrent of its own, and registers them with the tracker. Changed files are offered again. Ctrl-C stops it.',
    )
    .argument(
      '[path...]',
      'Files and folders, or .torrent files with --data (default: the folder of the setting seeder.inputDir).',
    );
  addOfferingFlags(command)
    .option('--as-one', 'Offer each folder as one torrent, as shoal publish does.')
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
