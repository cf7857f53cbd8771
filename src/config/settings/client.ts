import { bytes, choiceOf, duration, durationOrNone, ip, port, sha256, text } from '../setting-kinds.ts';

/** The settings of the client. Which file to get has no default: without one, `shoal get` asks for it. */
export const CLIENT_SETTINGS = {
  'client.bind': {
    kind: ip,
    description: 'IP address to listen on for peers; not set: all addresses of this machine.',
  },
  'client.port': {
    kind: port,
    default: '0',
    description: 'Port to listen on for peers; 0: any free one.',
  },
  'client.outputFileName': {
    kind: text,
    description:
      "Where to store the downloaded file; not set: under the torrent's name in the current folder.",
  },
  'client.fileName': { kind: text, description: 'Name of the file to get.' },
  'client.fileSize': { kind: bytes, description: 'Size of the file to get, in bytes.' },
  'client.fileHash': { kind: sha256, description: 'SHA-256 of the file to get, 64 hex digits.' },
  'client.preallocation': {
    kind: choiceOf('none', 'sparse', 'full'),
    default: 'sparse',
    description:
      'How a download takes its space on disk. none: files grow as they are written; sparse: files have their full length from the start, and take space as they are written; full: all space is taken before the download starts.',
  },
  'client.timeout': {
    kind: durationOrNone,
    description:
      'How long a download may take in all: 500ms, 30s, 5m, 1h or 2d; 0 or not set: as long as it needs.',
  },
  'client.trackerPatience': {
    kind: duration,
    default: '2m',
    description: 'How long a download goes on while every tracker fails and no peer can be reached.',
  },
};
