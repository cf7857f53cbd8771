import { kinds, limit, setting } from '../config/index.ts';

// The settings of the seeder, each written once. docs/adr/0035-one-table-of-settings.md lists what is made from this table.

/** The settings of the seeder that are options of it, by the names of these. */
export const SEEDER_SETTINGS = {
  bind: setting({
    key: 'seeder.bind',
    kind: kinds.ip,
    help: 'IP address to listen on for peers. Not set: all addresses of this machine.',
  }),
  host: setting({
    key: 'seeder.host',
    kind: kinds.ip,
    help: 'IP address at which peers can reach the seeder. Not set: the one that the tracker sees.',
  }),
  port: setting({
    key: 'seeder.port',
    kind: kinds.port,
    default: '9911',
    help: 'Port to listen on for peers. 0: any free one.',
  }),
  maxConnections: limit({
    key: 'seeder.maxConnections',
    kind: kinds.count,
    default: '500',
    help: 'Most connections to peers at once. For one more, an idle one, or one of the address or network with the most, is closed.',
    note: 'Each may take a file descriptor: see ulimit -n.',
    beyond:
      'an idle one, or one of the address or network with most, gives way to a newcomer of one with fewer; else refused; not dialed',
  }),
  token: setting({
    key: 'seeder.token',
    kind: kinds.text,
    help: 'Access token for registering with the tracker. Not set: the one in tracker.url, if any.',
  }),
  cacheDir: setting({
    key: 'seeder.cacheDir',
    kind: kinds.text,
    help: 'Folder that keeps hashes, so that unchanged files are not read again at the next start; off: none. Not set: $XDG_CACHE_HOME/shoal or ~/.cache/shoal.',
    note: 'Several seeders may share it.',
  }),
  maxCacheBytes: limit({
    key: 'seeder.maxCacheBytes',
    kind: kinds.bytes,
    default: '256M',
    help: 'Most bytes of the kept hashes, on disk and in memory at the start.',
    note: 'A file takes about 200 bytes and 20 for each of its pieces.',
    beyond: 'those are removed that were not used for the longest time; their files are read again',
  }),
};

/** The setting of the folder whose files are offered. As an option it is one of the `paths`. */
export const SEEDER_FOLDER = {
  inputDir: setting({
    key: 'seeder.inputDir',
    kind: kinds.text,
    default: 'data',
    help: 'Folder whose files are offered.',
    note: 'Files in its folders are offered as well. Names that begin with a dot are left out.',
  }),
};
