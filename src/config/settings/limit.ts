import { rate } from '../setting-kinds.ts';

/** How fast the seeder and the client may be. */
export const LIMIT_SETTINGS = {
  'limit.up': {
    kind: rate,
    description:
      'Bytes per second to upload at most: 500K, 10M, 1.5G (units of 1,024) or 50MB (of 1,000); not set: no limit.',
  },
  'limit.upPerTorrent': {
    kind: rate,
    description:
      'Bytes per second to upload at most of each torrent of a seeder; not set: no limit of its own.',
  },
  'limit.down': {
    kind: rate,
    description:
      'Bytes per second to download at most: 500K, 10M, 1.5G (units of 1,024) or 50MB (of 1,000); not set: no limit.',
  },
};
