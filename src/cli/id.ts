import type { Command } from 'commander';
import { runCommand } from './run-command.ts';

const EXAMPLES = `
Examples:
  $ shoal id movie.mkv                         its SHA-256, as sha256sum prints it
  $ shoal id build/                            the content id of the folder
`;

export function addIdCommand(program: Command): void {
  program
    .command('id')
    .summary('print the id of a file or folder')
    .description(
      'Prints the SHA-256 of a file, or the content id of a folder: an id that covers all that is in it, with hidden names, executable bits, links and empty folders. docs/content-id.md has a shell script that computes the same.',
    )
    .argument('<path...>', 'The files and folders.')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], _flags: object, command: Command) =>
      runCommand(command, async (context) => (await import('./run-id.ts')).runId(context, paths)),
    );
}
