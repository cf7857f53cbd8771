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
      'Makes a .torrent of a file, or of a folder as a whole. The same bytes and name give the same info-hash everywhere.',
    )
    .argument('<path>', 'a file, or a folder')
    .option(
      '-o, --output <file>',
      'where to write it, a file or a folder; not given: NAME.torrent in the current folder',
    )
    .option('-f, --force', 'replace the file if there is one')
    .addOption(new Option('--v1', 'make a v1 torrent').conflicts(['v2', 'hybrid']))
    .addOption(new Option('--v2', 'make a v2 torrent').conflicts(['v1', 'hybrid']))
    .option(
      '--hybrid',
      'make a v1 and v2 torrent in one (the default); aria2 1.36 and Transmission 3 cannot read it',
    )
    .option('--sha256', "print each file's SHA-256, for shoal get (the default, but not with --v1)")
    .option('--no-sha256', 'do not print it: computing it takes half as long again')
    .addOption(
      new Option(
        '--piece-length <size>',
        '16K to 512M, a power of two; not given: by the sizes of the files',
      ).argParser(readSize),
    )
    .option('--tracker <url...>', 'announce URLs, each a tier of its own')
    .option('--name <name>', 'name of the torrent; not given: that of the file or folder')
    .option('--comment <text>', 'comment to put into the torrent')
    .option('--hidden', 'take files and folders whose names begin with a dot, too')
    .option('--follow', 'follow symbolic links, also to what is outside of the folder')
    .option('--skip-unreadable', 'leave out files that cannot be read, and say which; not given: they end it')
    .option('--private', 'let programs ask only its trackers for peers')
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: CreateFlags, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./run-create.ts')).runCreate(context, path, flags),
      ),
    );
}
