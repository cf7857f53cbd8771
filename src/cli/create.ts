import { type Command, Option } from 'commander';
import { readSize } from './read-size.ts';
import { runCommand } from './run-command.ts';
import type { CreateFlags } from './run-create.ts';

const EXAMPLES = `
Examples:
  $ shoal create movie.mkv                     writes movie.mkv.torrent
  $ shoal create photos/ -o photos.torrent --tracker http://a:9910/announce
`;

export function addCreateCommand(program: Command): void {
  program
    .command('create')
    .summary('make a .torrent')
    .description(
      'Makes a .torrent of a file, or one of all files in a folder. The same content and names give the same info-hash everywhere.',
    )
    .argument('<path>', 'The file or folder to make it of.')
    .option(
      '-o, --output <file>',
      'Where to write it, a file or a folder; not given: NAME.torrent in the current folder.',
    )
    .option('-f, --force', 'Replace the file if there is one.')
    .addOption(new Option('--v1', 'Make a v1 torrent.').conflicts(['v2', 'hybrid']))
    .addOption(new Option('--v2', 'Make a v2 torrent.').conflicts(['v1', 'hybrid']))
    .option(
      '--hybrid',
      'Make a v1 and v2 torrent in one (the default). aria2 1.36 and Transmission 3 cannot read it.',
    )
    .option('--sha256', "Print each file's SHA-256, for shoal get (the default, but not with --v1).")
    .option('--no-sha256', 'Do not print it. Computing it takes half as long again.')
    .addOption(
      new Option(
        '--piece-length <size>',
        'Bytes in a piece: 16K to 512M and a power of two, with --v1 any number; not given: by the sizes of the files.',
      ).argParser(readSize),
    )
    .option('--tracker <url...>', 'Announce URLs of trackers. Each is a tier of its own.')
    .option('--name <name>', 'Name of the torrent; not given: that of the file or folder.')
    .option('--comment <text>', 'Comment to put into the torrent.')
    .option('--hidden', 'Take files and folders whose names begin with a dot, too.')
    .option('--follow', 'Follow symbolic links, also to what is outside of the folder.')
    .option(
      '--skip-unreadable',
      'Leave out files that cannot be used, and say which; not given: nothing is made if there are any.',
    )
    .option('--private', 'Mark the torrent as private: programs ask only its trackers for peers.')
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: CreateFlags, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./run-create.ts')).runCreate(context, path, flags),
      ),
    );
}
