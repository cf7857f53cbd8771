import type { Command } from 'commander';
import { TRUST_TRACKERS } from './common-flags.ts';
import { ListOption } from './list-option.ts';
import { runCommand } from './run-command.ts';
import type { GetFlags } from './run-get.ts';
import { SettingOption } from './setting-option.ts';

const EXAMPLES = `
Examples:
  $ shoal get                                  the file described in the configuration
  $ shoal get beach.jpg --tracker http://a:9910
  $ shoal get c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1 --output beach.jpg
  $ shoal get debian.torrent --timeout 2h --limit-down 10M
  $ shoal get build-42.tar --wait --timeout 1h --tracker http://a:9910
  $ shoal get model.bin --seed-for 10m         hands it on to others for ten minutes
  $ shoal get app.tar --then 'tar xf "$SHOAL_PATH"'
  $ shoal get build-42 --reuse build-41/       only what has changed is downloaded
`;

export function addGetCommand(program: Command): void {
  program
    .command('get')
    .summary('download a folder or file')
    .description(
      'Downloads a file or folder from all machines that have it at once, and checks it. Until it is complete it is called NAME.part. An interrupted download goes on from there.',
    )
    .argument(
      '[target]',
      'A .torrent file, an id (the SHA-256 of a file, or the content id of a folder), an info-hash or a name (default: the file that the settings client.fileName, client.fileSize and client.fileHash describe).',
    )
    .addOption(new SettingOption('--name <name>', 'client.fileName'))
    .addOption(new SettingOption('--size <bytes>', 'client.fileSize'))
    .addOption(new SettingOption('--sha256 <hex>', 'client.fileHash'))
    .option(
      '--id <hex>',
      'Id that the file or folder must have, 64 hex digits: the SHA-256 of a file, or the content id of a folder. Also for a .torrent.',
    )
    .addOption(new SettingOption('-o, --output <path>', 'client.outputFileName'))
    .option(
      '-f, --force',
      'Replace what is there: a file whose name the torrent has chosen, or a whole folder. It is replaced once the new one is complete and checked.',
    )
    .option(
      '--repair',
      'Mend a damaged file or folder that is there in place: only what is wrong is downloaded.',
    )
    .addOption(
      new ListOption(
        '--reuse <path>',
        'File or folder on this disk, such as an earlier version, from which bytes that are the same are taken instead of downloaded. It is only read. May be repeated. What is replaced is always used.',
      ),
    )
    .addOption(new SettingOption('--preallocation <how>', 'client.preallocation'))
    .addOption(new SettingOption('--timeout <duration>', 'client.timeout'))
    .option(
      '--wait',
      'Wait until somebody has it, also while the tracker is away: until --timeout, or for ever without one.',
    )
    .addOption(new SettingOption('--stall <duration>', 'client.stall'))
    .addOption(new SettingOption('--seed-for <duration>', 'client.seedFor'))
    .addOption(new SettingOption('--seed-ratio <ratio>', 'client.seedRatio'))
    .option(
      '--then <command>',
      'Shell command to run once everything is delivered and checked, also if it was there already. It finds SHOAL_PATH, SHOAL_ID, SHOAL_INFO_HASH, SHOAL_NAME, SHOAL_SIZE, SHOAL_SECONDS and SHOAL_DOWNLOADED in its environment. If it fails, get ends with 8.',
    )
    .addOption(new SettingOption('--tracker-patience <duration>', 'client.trackerPatience'))
    .addOption(new SettingOption('--bind <address>', 'client.bind'))
    .addOption(new SettingOption('--port <port>', 'client.port'))
    .addOption(new SettingOption('--limit-up <rate>', 'limit.up'))
    .addOption(new SettingOption('--limit-down <rate>', 'limit.down'))
    .addOption(new SettingOption('--tracker <url>', 'tracker.url'))
    .option('--trust-trackers', TRUST_TRACKERS)
    .addHelpText('after', EXAMPLES)
    .action((target: string | undefined, flags: GetFlags, command: Command) =>
      runCommand(command, async (context) => (await import('./run-get.ts')).runGet(context, target, flags), {
        runsLong: true,
      }),
    );
}
