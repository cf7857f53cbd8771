import { count, oneOf } from '../setting-kinds.ts';

/** What is told of the work behind all three. */
export const LOG_SETTINGS = {
  'log.level': {
    kind: oneOf('silent', 'error', 'warn', 'info', 'debug', 'trace'),
    default: 'info',
    description: 'How much is logged: silent, error, warn, info, debug or trace.',
  },
  'log.sample': {
    kind: count,
    default: '1',
    description: 'Of so many records that say the same one is logged, and the first; 1: all.',
  },
};
