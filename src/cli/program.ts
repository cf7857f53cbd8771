import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { withoutSecrets } from '../util/index.ts';
import { addCommonFlags } from './common-flags.ts';
import { addCreateCommand } from './create.ts';
import { EXIT_CODE_MEANINGS, ExitCode } from './exit-code.ts';
import { addGetCommand } from './get.ts';
import { addIdCommand } from './id.ts';
import { addLsCommand } from './ls.ts';
import { addPublishCommand } from './publish.ts';
import { refuseRepeatedFlags } from './refuse-repeated-flags.ts';
import { addSeedCommand } from './seed.ts';
import { addShowCommand } from './show.ts';
import { addTokenCommand } from './token.ts';
import { addTrackerCommand } from './tracker.ts';
import { addVerifyCommand } from './verify.ts';

const EXAMPLES = `
Examples:
  $ shoal tracker                              on one machine
  $ shoal publish photos/ --tracker http://a:9910
  $ shoal get photos --tracker http://a:9910   on each that wants them
`;

const EXIT_CODES = `
Exit codes:
${EXIT_CODE_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')}
`;

const SETTINGS = `A name in [brackets] is a setting, which the configuration file and the environment can set, too: tracker.port as SHOAL_TRACKER_PORT.`;

/** Makes the program `shoal`. Parsing a wrong command line throws a `CommanderError`, and so does `--help`. */
export function createProgram(): Command {
  const program = new Command('shoal')
    .description(
      'Hands folders and files from one machine to many over BitTorrent, and checks them by a SHA-256.',
    )
    .option('-V, --version', 'Print the version.')
    .on('option:version', printVersion)
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Try --help.')
    .configureOutput({ outputError: (text, write) => write(withoutSecrets(text)) })
    .exitOverride();
  addCommonFlags(program);
  addTrackerCommand(program);
  addPublishCommand(program);
  addSeedCommand(program);
  addGetCommand(program);
  addCreateCommand(program);
  addShowCommand(program);
  addVerifyCommand(program);
  addIdCommand(program);
  addLsCommand(program);
  addTokenCommand(program);
  refuseRepeatedFlags(program);
  return program.addHelpText('after', `${EXAMPLES}${EXIT_CODES}`).addHelpText('afterAll', SETTINGS);
}

/** Prints the version. Commander's own option is not used, because it needs the version even if nobody asks for it. */
function printVersion(): never {
  const { version } = createRequire(import.meta.url)('shoal/package.json') as { readonly version: string };
  process.stdout.write(`${version}\n`);
  throw new CommanderError(ExitCode.done, 'commander.version', version);
}
