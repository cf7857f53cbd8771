import { kinds, setting } from '../config/index.ts';

// The settings of the client, each written once. docs/adr/0035-one-table-of-settings.md lists what is made from this table.

/** The settings of the client that are options of a `get`, by the names of these. Which file to get has no default: without one, `shoal get` asks for it. */
export const CLIENT_SETTINGS = {
  bind: setting({
    key: 'client.bind',
    kind: kinds.ip,
    help: 'IP address to listen on for peers. Not set: all addresses of this machine.',
  }),
  port: setting({
    key: 'client.port',
    kind: kinds.port,
    default: '0',
    help: 'Port to listen on for peers. 0: any free one.',
  }),
  output: setting({
    key: 'client.outputFileName',
    kind: kinds.text,
    help: "Path of the downloaded file or folder. Not set: the torrent's name in the current folder.",
  }),
  name: setting({
    key: 'client.fileName',
    kind: kinds.text,
    help: 'Name of the file to get.',
    note: 'The name, the size, the SHA-256 and client.outputFileName describe one file, which "shoal get" gets without a TARGET. None of them has a default. "shoal get TARGET" and "shoal get --name NAME" do not use them.',
  }),
  size: setting({ key: 'client.fileSize', kind: kinds.bytes, help: 'Size of the file to get, in bytes.' }),
  sha256: setting({
    key: 'client.fileHash',
    kind: kinds.sha256,
    help: 'SHA-256 of the file to get, 64 hex digits.',
    note: 'A file with another size or SHA-256 is not delivered.',
  }),
  preallocation: setting({
    key: 'client.preallocation',
    kind: kinds.choiceOf('none', 'sparse', 'full'),
    default: 'sparse',
    help: 'Way in which a download takes its space on disk. none: files grow as they are written. sparse: files have their full length from the start, and take space as they are written. full: files take all their space before the download starts.',
  }),
  trackerPatienceMs: setting({
    key: 'client.trackerPatience',
    kind: kinds.duration,
    default: '2m',
    help: 'Time after which a download gives up while every tracker fails and no peer can be reached.',
  }),
  stallMs: setting({
    key: 'client.stall',
    kind: kinds.durationOrNone,
    help: 'Time after which a download gives up when nothing has come: 30s, 2m or 1h. 0: never. Not set: 10m, or never for a .torrent that is given.',
    note: 'A download also gives up when only useless bytes come for six times as long. The time in which files are checked, and in which --wait waits, does not count.',
  }),
  seedForMs: setting({
    key: 'client.seedFor',
    kind: kinds.durationOrNone,
    help: 'Time for which a download is seeded after it was delivered: 10m, 1h. 0 or not set: it is not, unless client.seedRatio is set.',
  }),
  seedRatio: setting({
    key: 'client.seedRatio',
    kind: kinds.ratio,
    help: 'Uploads after which a download is no longer seeded, as a multiple of its size: 1, 1.5 or 2. 0 or not set: it is not seeded, unless client.seedFor is set.',
    note: 'When both are set, the first limit that is reached ends it.',
  }),
};

/** The milliseconds of `client.stall`, if that is not set, for a download that a tracker was asked for. */
export const DEFAULT_STALL_MS = 10 * 60_000;

/** The setting of the deadline. As an option it is the `signal` of a `get`. */
export const CLIENT_DEADLINE = {
  timeout: setting({
    key: 'client.timeout',
    kind: kinds.durationOrNone,
    help: 'Time limit of a download: 500ms, 30s, 5m, 1h or 2d. 0 or not set: no limit.',
  }),
};
