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
      'Makes a .torrent of a file, or of a folder with all that is in it: files, executable bits, links and empty folders. The same content and names give the same info-hash everywhere. Of a folder it prints the content id, which shoal id prints too.',
    )
    .argument('<path>', 'The file or folder.')
    .option(
      '-o, --output <file>',
      'File or folder to write it to (default: NAME.torrent in the current folder).',
    )
    .option('-f, --force', 'Replace the file if it is there already.')
    .addOption(new Option('--v1', 'Make a v1 torrent.').conflicts(['v2', 'hybrid']))
    .addOption(new Option('--v2', 'Make a v2 torrent.').conflicts(['v1', 'hybrid']))
    .option(
      '--hybrid',
      'Make a v1 and v2 torrent in one (the default). aria2 1.36 and Transmission 3 cannot read it.',
    )
    .option(
      '--sha256',
      "Print each file's SHA-256, for shoal get (the default for a single file, but not with --v1).",
    )
    .option(
      '--no-sha256',
      'Do not compute the SHA-256 of files, which takes half as long again. A folder then has no content id, and the info-hash that other programs give it.',
    )
    .addOption(
      new Option(
        '--piece-length <size>',
        'Bytes in a piece: a power of two from 16K to 512M, with --v1 any number up to 512M (default: depends on the sizes of the files).',
      ).argParser(readSize),
    )
    .option('--tracker <url...>', 'Announce URLs of trackers. Each is a tier of its own.')
    .option('--name <name>', 'Name of the torrent (default: the name of the file or folder).')
    .option('--comment <text>', 'Comment to put into the torrent.')
    .option('--hidden', 'Include files and folders whose names begin with a dot.')
    .option('--follow', 'Take what symbolic links lead to in their place, even from outside of the folder.')
    .option(
      '--skip-unreadable',
      'Leave out files that cannot be used and links that lead out of the folder, and list them. Without this flag, they are an error.',
    )
    .option('--private', 'Mark the torrent as private: programs then ask only its trackers for peers.')
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: CreateFlags, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./run-create.ts')).runCreate(context, path, flags),
      ),
    );
}
