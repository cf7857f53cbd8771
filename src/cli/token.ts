import { type Command, Option } from 'commander';
import { readLifetime } from './read-lifetime.ts';
import { readScopes } from './read-scopes.ts';
import { runCommand } from './run-command.ts';
import type { CreateTokenFlags } from './run-token.ts';
import { SettingOption } from './setting-option.ts';

const EXAMPLES = `
Examples:
  $ shoal token create --scope register --name "build server" --expires 90d
  $ shoal token list
  $ shoal token revoke 0f1e2d3c
`;

export function addTokenCommand(program: Command): void {
  const token = program
    .command('token')
    .summary('make, list and revoke access tokens')
    .description(
      'Makes, lists and revokes the access tokens of a tracker, in the file that the tracker reads. No restart is needed.',
    )
    .addHelpText('after', EXAMPLES);
  const tokens = () => new SettingOption('--tokens <file>', 'tracker.tokens');
  token
    .command('create')
    .summary('make a token')
    .description(
      'Makes a token and prints it. Only a hash of it is stored, so that it cannot be printed again.',
    )
    .addOption(
      new Option(
        '--scope <scopes>',
        'What the token allows: announce, register, or both with a comma between.',
      )
        .argParser(readScopes)
        .default(['announce'], 'announce'),
    )
    .option('--name <name>', 'Whom or what the token is for.')
    .addOption(
      new Option(
        '--expires <time>',
        'Time for which the token is valid: 12h, 30d or 52w (default: for ever).',
      ).argParser(readLifetime),
    )
    .addOption(tokens())
    .action((flags: CreateTokenFlags, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./run-tracker.ts')).runCreateToken(context, flags),
      ),
    );
  token
    .command('list')
    .summary('list the tokens')
    .description('Lists the tokens, without their secrets.')
    .addOption(tokens())
    .action((_flags: object, command: Command) =>
      runCommand(command, async (context) => (await import('./run-tracker.ts')).runListTokens(context)),
    );
  token
    .command('revoke')
    .summary('revoke a token')
    .description(
      'Revokes a token. Nobody can use it any more, and seeders that have registered with it are forgotten.',
    )
    .argument('<id>', 'The id that shoal token list shows, or the token itself.')
    .addOption(tokens())
    .action((id: string, _flags: object, command: Command) =>
      runCommand(command, async (context) => (await import('./run-tracker.ts')).runRevokeToken(context, id)),
    );
}
