import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/index.ts';
import { NEW_NODE } from '../support/install.ts';
import type { Client } from './client.ts';

export const aria2: Client = {
  getCommand: (torrentFile, folder) => [
    'aria2c',
    '--no-conf',
    '--show-console-readout=false',
    '--summary-interval=0',
    '--console-log-level=warn',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--file-allocation=none',
    '--seed-time=0',
    `--dir=${folder}`,
    torrentFile,
  ],
};

export const webTorrent: Client = {
  getCommand: (torrentFile, folder) => [
    NEW_NODE,
    join(repositoryRoot, 'bench/programs/webtorrent-get.js'),
    torrentFile,
    folder,
  ],
};
