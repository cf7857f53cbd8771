import { rate } from '../setting-kinds.ts';

/** How fast the seeder and the client may be. */
export const LIMIT_SETTINGS = {
  'limit.up': {
    kind: rate,
    description: 'Bytes per second that may be uploaded, as 500K, 10M or 1.5G; not set: no limit.',
  },
  'limit.upPerTorrent': {
    kind: rate,
    description: 'The same for each torrent of a seeder; not set: as much as all together.',
  },
  'limit.down': {
    kind: rate,
    description: 'Bytes per second that may be downloaded, as 500K, 10M or 1.5G; not set: no limit.',
  },
};
