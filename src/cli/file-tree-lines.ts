import { shown } from '../util/index.ts';
import type { TorrentDescription } from './describe-torrent.ts';

/** A file, a link or an empty folder, as a line of the tree. */
interface TreeLeaf {
  readonly name: string;
  readonly bytes: number | '';
  readonly attr: string;
  /** The text behind the name, such as the target of a link. */
  readonly suffix: string;
}

interface TreeFolder {
  readonly folders: Map<string, TreeFolder>;
  readonly leaves: TreeLeaf[];
}

/**
 * Lists the files, links and empty folders of a torrent for people, as a tree: names stand below the folder that they lie in,
 * two blanks further in, sorted. A folder in which there is only one other folder shares a line with it. Attributes have a
 * column of their own if there are any.
 *
 * @yields lines, one after the other, since there may be a million
 */
export function* fileTreeLines(torrent: TorrentDescription): Generator<string> {
  const { files, symlinks = [] } = torrent;
  const largest = files.reduce((most, { size }) => Math.max(most, size), 0);
  const width = Math.max('BYTES'.length, String(largest).length);
  const hasAttributes = symlinks.length > 0 || files.some(({ attr }) => attr !== undefined);
  const line = (bytes: number | string, attr: string, text: string) =>
    `${String(bytes).padStart(width)}  ${hasAttributes ? `${attr.padEnd('ATTR'.length)}  ` : ''}${text}`;
  yield line('BYTES', 'ATTR', 'FILE');
  // A path may have thousands of names, so that folders wait on a list and not on the stack.
  const waiting: { readonly item: TreeLeaf | NamedFolder; readonly depth: number }[] = [];
  const putOff = (folder: TreeFolder, depth: number) => {
    for (const item of itemsOf(folder).reverse()) waiting.push({ item, depth });
  };
  putOff(treeOf(torrent), 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { item, depth } = next;
    const indent = '  '.repeat(depth);
    if ('folder' in item) {
      yield line('', '', `${indent}${shown(item.name)}/`);
      putOff(item.folder, depth + 1);
    } else yield line(item.bytes, item.attr, `${indent}${shown(item.name)}${item.suffix}`);
  }
}

interface NamedFolder {
  readonly name: string;
  readonly folder: TreeFolder;
}

/** Sorts what is in a folder by name. Folders in which there is only one other folder are one item with it. */
function itemsOf({ folders, leaves }: TreeFolder): (TreeLeaf | NamedFolder)[] {
  const named = Array.from(folders, ([first, at]): NamedFolder => {
    const names = [first];
    let folder = at;
    while (folder.leaves.length === 0 && folder.folders.size === 1) {
      for (const [name, below] of folder.folders) {
        names.push(name);
        folder = below;
      }
    }
    return { name: names.join('/'), folder };
  });
  return [...named, ...leaves].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function treeOf({ files, symlinks = [], emptyFolders = [] }: TorrentDescription): TreeFolder {
  const root: TreeFolder = { folders: new Map(), leaves: [] };
  for (const { path, diskPath, size, attr = '' } of files) {
    const suffix = diskPath === undefined || diskPath === path ? '' : ` (on disk: ${shown(diskPath)})`;
    addLeaf(root, path, { bytes: size, attr, suffix });
  }
  for (const { path, target, text } of symlinks) {
    addLeaf(root, path, { bytes: 0, attr: 'l', suffix: ` -> ${shown(text ?? target)}` });
  }
  for (const path of emptyFolders) addLeaf(root, path, { bytes: '', attr: '', suffix: '/' });
  return root;
}

function addLeaf(root: TreeFolder, path: string, leaf: Omit<TreeLeaf, 'name'>): void {
  const names = path.split('/');
  const name = names.pop()!;
  let folder = root;
  for (const part of names) {
    let below = folder.folders.get(part);
    if (below === undefined) {
      below = { folders: new Map(), leaves: [] };
      folder.folders.set(part, below);
    }
    folder = below;
  }
  folder.leaves.push({ name, ...leaf });
}
