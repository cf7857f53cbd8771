import type { Command } from 'commander';
import { addOfferingFlags } from './offering-flags.ts';
import { runCommand } from './run-command.ts';
import type { SeedFlags } from './run-seed.ts';

const EXAMPLES = `
Examples:
  $ shoal publish build/ --tracker http://a:9910
  $ shoal publish --watch build/               and each new version of it
  $ shoal publish dist/ --name app-1.4 --hidden
`;

export function addPublishCommand(program: Command): void {
  const command = program
    .command('publish')
    .summary('offer a folder as one')
    .description(
      'Hands a folder to many machines as one thing: a build, a dataset or a model. It prints the id of the folder, and the command by which other machines get it and check all of it. Links, empty folders and executable files come back as they are. It goes on offering the folder until Ctrl-C.',
    )
    .argument('<path...>', 'Folders, each of which is one thing to get, or files.');
  addOfferingFlags(command)
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], flags: SeedFlags, command: Command) =>
      runCommand(
        command,
        async (context) => (await import('./run-seed.ts')).runSeed(context, paths, { ...flags, asOne: true }),
        { runsLong: true },
      ),
    );
}
