import { type Command, Option } from 'commander';
import { SettingOption } from './setting-option.ts';

/** Adds the flags that all commands which offer files have. */
export function addOfferingFlags(command: Command): Command {
  return command
    .addOption(new SettingOption('--bind <address>', 'seeder.bind'))
    .addOption(new SettingOption('--host <address>', 'seeder.host'))
    .addOption(new SettingOption('--port <port>', 'seeder.port'))
    .addOption(new SettingOption('--max-connections <count>', 'seeder.maxConnections'))
    .addOption(new SettingOption('--limit-up <rate>', 'limit.up'))
    .addOption(new SettingOption('--limit-up-per-torrent <rate>', 'limit.upPerTorrent'))
    .addOption(new SettingOption('--tracker <url>', 'tracker.url'))
    .addOption(new SettingOption('--cache-dir <folder>', 'seeder.cacheDir'))
    .addOption(new SettingOption('--token <token>', 'seeder.token'))
    .addOption(new Option('--v1', 'Make v1 torrents, which every program reads (the default).'))
    .addOption(new Option('--v2', 'Make v2 torrents.').conflicts(['v1', 'hybrid']))
    .addOption(new Option('--hybrid', 'Make torrents that are v1 and v2 in one.').conflicts(['v1', 'v2']))
    .option('--hidden', 'Include files and folders whose names begin with a dot.')
    .option('--follow', 'Follow symbolic links in folders, even to the outside of them.')
    .option('--watch', 'Offer what is added and changed while it runs, and withdraw what is removed.')
    .option('--name <name>', 'Name of a folder that is offered as one (default: the name of the folder).')
    .option('--skip-unreadable', 'Leave out files of a folder that cannot be used, and list them.')
    .option('--keep-trying', 'Go on if the tracker refuses the token, or its certificate is not trusted.');
}
