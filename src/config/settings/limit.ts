import { rate } from '../setting-kinds.ts';

/** The settings that limit how fast the seeder and the client are. */
export const LIMIT_SETTINGS = {
  'limit.up': {
    kind: rate,
    description:
      'Most bytes to upload per second: 500K, 10M, 1.5G (units of 1,024) or 50MB (of 1,000); not set: no limit.',
  },
  'limit.upPerTorrent': {
    kind: rate,
    description: 'Most bytes to upload per second of each torrent of a seeder; not set: only limit.up holds.',
  },
  'limit.down': {
    kind: rate,
    description:
      'Most bytes to download per second: 500K, 10M, 1.5G (units of 1,024) or 50MB (of 1,000); not set: no limit.',
  },
};
