import { ip, port, text } from '../setting-kinds.ts';

/** What the seeder is started with. */
export const SEEDER_SETTINGS = {
  'seeder.host': {
    kind: ip,
    description: 'IP address at which peers reach the seeder; not set: the one the tracker sees.',
  },
  'seeder.port': {
    kind: port,
    default: '9911',
    description: 'Port on which the seeder takes peers; 0: any free one.',
  },
  'seeder.token': {
    kind: text,
    description:
      'Access token by which the tracker lets the seeder register; not set: that of tracker.url, if any.',
  },
  'seeder.inputDir': { kind: text, default: 'data', description: 'Folder whose files are seeded.' },
};
