import type { Command } from 'commander';
import { runCommand } from './run-command.ts';

export function addShowCommand(program: Command): void {
  program
    .command('show')
    .summary('print the content of a .torrent')
    .description(
      'Prints the content of a .torrent: its info-hashes, pieces and trackers, the content id of its folder, and its files, links and empty folders as a tree.',
    )
    .argument('<torrent>', 'The .torrent file.')
    .addHelpText('after', "\nExample:\n  $ shoal show debian.torrent --json | jq '.files[].path'\n")
    .action((path: string, _flags: object, command: Command) =>
      runCommand(command, async (context) => (await import('./run-show.ts')).runShow(context, path)),
    );
}
