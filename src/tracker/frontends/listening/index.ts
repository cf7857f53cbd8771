export { cannotListen } from './cannot-listen.ts';
export { DRAIN_TIMEOUT } from './drain.ts';
