import { shown } from '../util/index.ts';
import type { TorrentDescription } from './describe-torrent.ts';

type File = TorrentDescription['files'][number];
type Link = NonNullable<TorrentDescription['symlinks']>[number];

/** A file, a link or an empty folder, each as the description has it, since there may be a million. */
type TreeLeaf = File | Link | { readonly path: string };

interface TreeFolder {
  readonly folders: Map<string, TreeFolder>;
  readonly leaves: TreeLeaf[];
}

/** A folder of the tree, with its path and the name under which it is printed. */
interface NamedFolder {
  readonly path: string;
  readonly name: string;
  readonly folder: TreeFolder;
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
  const leafLine = (leaf: TreeLeaf, indent: string) => {
    const name = `${indent}${shown(leaf.path.slice(leaf.path.lastIndexOf('/') + 1))}`;
    if ('size' in leaf) return line(leaf.size, leaf.attr ?? '', `${name}${placeOf(leaf)}`);
    return 'target' in leaf
      ? line(0, 'l', `${name} -> ${shown(leaf.text ?? leaf.target)}`)
      : line('', '', `${name}/`);
  };
  yield line('BYTES', 'ATTR', 'FILE');
  // A path may have thousands of names, so that folders wait on a list and not on the stack.
  const open = [itemsOf(treeOf(torrent), '').values()];
  while (open.length > 0) {
    const { done, value: item } = open.at(-1)!.next();
    const indent = '  '.repeat(open.length - 1);
    if (done) open.pop();
    else if ('folder' in item) {
      yield line('', '', `${indent}${shown(item.name)}/`);
      open.push(itemsOf(item.folder, `${item.path}/`).values());
    } else yield leafLine(item, indent);
  }
}

/** Says where a file goes on this disk, if that is not its path. */
function placeOf({ path, diskPath = path }: File): string {
  return diskPath === path ? '' : ` (on disk: ${shown(diskPath)})`;
}

/**
 * Sorts what is in a folder by name. Folders in which there is only one other folder are one item with it.
 *
 * @param prefix the path of the folder with a `/` behind it, which all paths in it begin with
 */
function itemsOf({ folders, leaves }: TreeFolder, prefix: string): (TreeLeaf | NamedFolder)[] {
  const named = Array.from(folders, ([first, at]): NamedFolder => {
    const names = [first];
    let folder = at;
    while (folder.leaves.length === 0 && folder.folders.size === 1) {
      for (const [name, below] of folder.folders) {
        names.push(name);
        folder = below;
      }
    }
    const name = names.join('/');
    return { path: prefix + name, name, folder };
  });
  const items: (TreeLeaf | NamedFolder)[] = [...named, ...leaves];
  return items.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

function treeOf({ files, symlinks = [], emptyFolders = [] }: TorrentDescription): TreeFolder {
  const root: TreeFolder = { folders: new Map(), leaves: [] };
  for (const file of files) addLeaf(root, file);
  for (const link of symlinks) addLeaf(root, link);
  for (const path of emptyFolders) addLeaf(root, { path });
  return root;
}

function addLeaf(root: TreeFolder, leaf: TreeLeaf): void {
  let folder = root;
  let start = 0;
  for (let end = leaf.path.indexOf('/'); end >= 0; end = leaf.path.indexOf('/', start)) {
    const part = leaf.path.slice(start, end);
    let below = folder.folders.get(part);
    if (below === undefined) {
      below = { folders: new Map(), leaves: [] };
      folder.folders.set(part, below);
    }
    folder = below;
    start = end + 1;
  }
  folder.leaves.push(leaf);
}
