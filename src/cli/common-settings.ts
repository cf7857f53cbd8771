import { kinds, setting } from '../config/index.ts';

/** The settings that limit how fast the seeder and the client are. */
export const RATE_SETTINGS = {
  up: setting({
    key: 'limit.up',
    kind: kinds.rate,
    help: 'Most bytes to upload per second: 500K, 10M, 1.5G (units of 1,024) or 50MB (of 1,000). Not set: no limit.',
    note: 'It holds for each program by itself.',
  }),
  upPerTorrent: setting({
    key: 'limit.upPerTorrent',
    kind: kinds.rate,
    help: 'Most bytes to upload per second of each torrent of a seeder. Not set: only limit.up holds.',
  }),
  down: setting({
    key: 'limit.down',
    kind: kinds.rate,
    help: 'Most bytes to download per second: 500K, 10M, 1.5G (units of 1,024) or 50MB (of 1,000). Not set: no limit.',
  }),
};

/** The settings of the log of every command. */
export const LOG_SETTINGS = {
  level: setting({
    key: 'log.level',
    kind: kinds.choiceOf('silent', 'error', 'warn', 'info', 'debug', 'trace'),
    default: 'info',
    help: 'Level of the log: silent, error, warn, info, debug or trace.',
  }),
  sample: setting({
    key: 'log.sample',
    kind: kinds.count,
    default: '1',
    help: 'Log the first of identical records and every N-th after it; 1: log all.',
    note: 'Each record tells how many were left out before it.',
  }),
};
