import { bytes, duration, oneOf, port, sha256, text } from '../setting-kinds.ts';

/** What the client is started with. */
export const CLIENT_SETTINGS = {
  'client.port': {
    kind: port,
    default: '0',
    description: 'Port on which the client takes peers; 0: any free one.',
  },
  'client.outputFileName': {
    kind: text,
    default: '/tmp/downloaded.txt',
    description: 'Where the downloaded file is stored.',
  },
  'client.fileName': { kind: text, default: 'aow.txt', description: 'Name of the file to get.' },
  'client.fileSize': { kind: bytes, default: '343691', description: 'Size of the file to get, in bytes.' },
  'client.fileHash': {
    kind: sha256,
    default: 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1',
    description: 'SHA-256 of the file to get, in hex.',
  },
  'client.preallocation': {
    kind: oneOf('none', 'sparse', 'full'),
    default: 'sparse',
    description:
      'How a download takes its space on disk: none, as it is written; sparse, likewise, at full length; full, all of it before.',
  },
  'client.timeout': {
    kind: duration,
    default: '1h',
    description: 'How long a download may take in all, as 500ms, 30s, 5m or 1h.',
  },
  'client.trackerPatience': {
    kind: duration,
    default: '2m',
    description:
      'For how long every tracker must have failed, and no peer been reached, before a download gives up.',
  },
};
