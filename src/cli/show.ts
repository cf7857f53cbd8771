import type { Command } from 'commander';
import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent, fileLines, torrentLines } from './describe-torrent.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import { type CommandContext, runCommand } from './run-command.ts';

export function addShowCommand(program: Command): void {
  program
    .command('show')
    .summary('print what a .torrent says')
    .description('Prints what a .torrent says: info-hashes, files, pieces, trackers.')
    .argument('<torrent>', 'a .torrent file')
    .addHelpText('after', "\nExample:\n  $ shoal show debian.torrent --json | jq '.files[].path'")
    .action((path: string, _flags: object, command: Command) =>
      runCommand(command, (context) => runShow(context, path)),
    );
}

async function runShow({ output }: CommandContext, path: string): Promise<void> {
  const torrent = describeTorrent(parseMetainfo(await readTorrentFile(path)));
  output.print(torrent, [...torrentLines(torrent), '', ...fileLines(torrent)]);
}
