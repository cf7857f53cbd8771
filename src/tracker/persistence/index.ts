export { folderFault, lockFolder } from './folder-lock.ts';
export { KeptState, tellsOfDamage } from './kept-state.ts';
