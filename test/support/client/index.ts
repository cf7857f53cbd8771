export { type Got, getAll, goodBytes, leftOf, type Source, stopAt } from './getting.ts';
export { type LocalSwarm, seedLocally, startLocalSwarm } from './local-swarm.ts';
export { untilAllocated } from './part-growth.ts';
export { makeFirstVersion, makeSecondVersion, statesIn } from './versions.ts';
export { entriesOf, torrentOfFolder } from './whole-folder.ts';
