export { folderFault, lockFolder } from './folder-lock.ts';
export { StateFolder, tellsOfDamage } from './state-folder.ts';
