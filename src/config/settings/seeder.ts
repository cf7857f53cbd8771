import { count, ip, port, text } from '../setting-kinds.ts';

/** The settings of the seeder. */
export const SEEDER_SETTINGS = {
  'seeder.bind': {
    kind: ip,
    description: 'IP address to listen on for peers; not set: all addresses of this machine.',
  },
  'seeder.host': {
    kind: ip,
    description: 'IP address that the tracker tells peers to connect to; not set: the one the tracker sees.',
  },
  'seeder.port': {
    kind: port,
    default: '9911',
    description: 'Port to listen on for peers; 0: any free one.',
  },
  'seeder.maxConnections': {
    kind: count,
    default: '500',
    description:
      'Most connections to peers at once; for one more, an idle one, or one of the address or network with most, is given up.',
  },
  'seeder.token': {
    kind: text,
    description: 'Access token to register with at the tracker; not set: the one in tracker.url, if any.',
  },
  'seeder.inputDir': { kind: text, default: 'data', description: 'Folder whose files are offered.' },
};
