import { choiceOf, count } from '../setting-kinds.ts';

/** The settings of the log of every command. */
export const LOG_SETTINGS = {
  'log.level': {
    kind: choiceOf('silent', 'error', 'warn', 'info', 'debug', 'trace'),
    default: 'info',
    description: 'How much to log: silent, error, warn, info, debug or trace.',
  },
  'log.sample': {
    kind: count,
    default: '1',
    description: 'Log the first of identical records and every N-th after it; 1: log all.',
  },
};
