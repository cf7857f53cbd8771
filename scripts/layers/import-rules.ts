import { posix } from 'node:path';
import { folderOf, innerFolderOf, isSettingsTable, isTestCode, packageOf, targetOf } from './paths.ts';
import type { Repository } from './repository.ts';
import type { Import, SourceFile } from './source-file.ts';
import { type Violation, violationAt } from './violation.ts';

const CORE_LAYER = 1;

/** The only folders of their own layer that the pure core may use. */
const SHARED_CORE = ['bencode', 'metainfo'];

/** The folders that may import the files behind a door: parsers, and ports with the types they take, are not what a folder shows. */
const BEHIND_DOORS = ['test/fuzz/targets/', 'test/conformance/', 'test/support/tracker/', 'test/sim/'];

/** The folders that may open sockets, and the modules that it takes. */
const SOCKET_FOLDERS = ['net', 'tracker'];
const SOCKET_MODULES = ['node:net', 'node:dgram', 'node:tls'];

/** Checks one import by all rules. */
export function checkImport(file: SourceFile, imported: Import, repository: Repository): Violation[] {
  const found = [checkDoor(file, imported, repository), checkPackage(file, imported, repository)];
  if (!isTestCode(file.path))
    found.push(
      checkLayer(file, imported, repository),
      checkFloor(file, imported, repository),
      checkSettingsTable(file, imported),
      checkSockets(file, imported),
    );
  return found.filter((what) => what !== undefined).map((what) => violationAt(file, imported, what));
}

/** Layers go down only, and folders of one layer do not meet. */
function checkLayer(
  file: SourceFile,
  imported: Import,
  { architecture: { layers } }: Repository,
): string | undefined {
  const target = targetOf(file, imported);
  if (target === undefined) return undefined;
  if (isTestCode(target)) return 'what is shipped must not use what only tests need';
  const [from, to] = [folderOf(file.path), folderOf(target)];
  if (from === to || from === undefined) return undefined;
  if (to === undefined) return 'the entry of the package is for others than itself';
  const [fromLayer, toLayer] = [layers.get(from), layers.get(to)];
  // A folder without a layer is found by the comparison with the tree.
  if (fromLayer === undefined || toLayer === undefined || toLayer < fromLayer) return undefined;
  if (fromLayer === CORE_LAYER && SHARED_CORE.includes(to)) return undefined;
  return `${from} (layer ${fromLayer}) must not use ${to} (layer ${toLayer})`;
}

/** Inside a folder with floors they go down only, folders of one floor do not meet, and no floor uses the folder's own files. */
function checkFloor(
  file: SourceFile,
  imported: Import,
  { architecture: { floors } }: Repository,
): string | undefined {
  const target = targetOf(file, imported);
  const from = innerFolderOf(file.path);
  if (target === undefined || from === undefined || folderOf(target) !== folderOf(file.path))
    return undefined;
  if (isSettingsTable(target)) return undefined;
  const fromFloor = floors.get(from);
  const to = innerFolderOf(target);
  // A folder without a floor is found by the comparison with the tree.
  if (fromFloor === undefined || to === from) return undefined;
  if (to === undefined) return `${from} (floor ${fromFloor}) must not use what stands above all floors`;
  const toFloor = floors.get(to);
  if (toFloor === undefined || toFloor < fromFloor) return undefined;
  return `${from} (floor ${fromFloor}) must not use ${to} (floor ${toFloor})`;
}

/** A table of settings is known without its component, so that it imports the machinery alone. */
function checkSettingsTable(file: SourceFile, imported: Import): string | undefined {
  const target = targetOf(file, imported);
  if (target === undefined || !isSettingsTable(file.path) || folderOf(file.path) === 'cli') return undefined;
  const folder = folderOf(target);
  if (folder === 'config' || folder === 'util') return undefined;
  return 'a table of settings must use config and util alone';
}

/** A folder of `src/` is entered through its index.ts, and so is every other folder that has one; see {@link BEHIND_DOORS}. */
function checkDoor(file: SourceFile, imported: Import, { files }: Repository): string | undefined {
  const target = targetOf(file, imported);
  if (target === undefined || BEHIND_DOORS.some((folder) => file.path.startsWith(folder))) return undefined;
  const folder = folderOf(target);
  if (folder !== undefined && folder !== folderOf(file.path)) {
    const door = `src/${folder}/index.ts`;
    return target === door || isSettingsTable(target) ? undefined : `the door of that folder is ${door}`;
  }
  const inner = folderWithDoor(target, files);
  if (inner === undefined || file.path.startsWith(`${inner}/`) || target === `${inner}/index.ts`)
    return undefined;
  return `the door of that folder is ${inner}/index.ts`;
}

/** The deepest folder around a file of `src/` that has a door; elsewhere the file's own folder, if it has one. */
function folderWithDoor(path: string, files: readonly SourceFile[]): string | undefined {
  const own = posix.dirname(path);
  const hasDoor = files.some((file) => file.path === `${own}/index.ts`);
  if (hasDoor) return own;
  return own.startsWith('src/') ? folderWithDoor(own, files) : undefined;
}

/** Checks that shipped code imports only packages that are installed with it; tests and scripts may use more. */
function checkPackage(
  file: SourceFile,
  imported: Import,
  { dependencies, devDependencies }: Repository,
): string | undefined {
  const name = packageOf(imported);
  if (name === undefined || dependencies.includes(name)) return undefined;
  if (!isTestCode(file.path)) return `${name} is not among the dependencies in package.json`;
  return devDependencies.includes(name) ? undefined : `${name} is not in package.json`;
}

function checkSockets(file: SourceFile, { specifier }: Import): string | undefined {
  if (!SOCKET_MODULES.includes(specifier) || SOCKET_FOLDERS.includes(folderOf(file.path) ?? ''))
    return undefined;
  return 'only net and the front ends of the tracker open sockets';
}
