import type { Command } from 'commander';
import { runCommand } from './run-command.ts';

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .summary('check files against a .torrent')
    .description(
      'Checks files against a .torrent, and lists those that are missing or damaged. Of a folder it also checks the links, empty folders and executable bits that the torrent has, and lists what is there besides.',
    )
    .argument('<torrent>', 'The .torrent file.')
    .argument('<path>', "The file or folder, or the folder that holds it under the torrent's name.")
    .addHelpText('after', '\nExample:\n  $ shoal verify photos.torrent photos/\n')
    .action((torrent: string, path: string, _flags: object, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./run-verify.ts')).runVerify(context, torrent, path),
      ),
    );
}
