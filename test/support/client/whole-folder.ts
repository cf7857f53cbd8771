import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  createMetainfo,
  encodeMetainfo,
  type FolderEntry,
  type HashedFile,
  linkedPath,
  type MetainfoSymlink,
  type NewMetainfo,
} from '../../../src/metainfo/index.ts';
import { diskPathFromBytes, fsPath, toHex } from '../../../src/util/index.ts';

const PIECE_LENGTH = 32 * 1024;

/** All that is in a folder, read by the simplest means. */
interface WholeFolder {
  readonly files: readonly (HashedFile & { readonly content: Buffer })[];
  readonly symlinks: readonly MetainfoSymlink[];
  readonly emptyFolders: readonly {
    readonly path: readonly string[];
    readonly exactPath?: readonly string[];
  }[];
}

/** Makes the v1 torrent of a folder with its links, modes, empty folders and names that are not UTF-8. */
export async function torrentOfFolder(
  folder: string,
  changes: Partial<NewMetainfo> = {},
): Promise<ReturnType<typeof createMetainfo> & { readonly bytes: Uint8Array }> {
  const { files, symlinks, emptyFolders } = await readFolder(folder);
  const stream = Buffer.concat(files.map(({ content }) => content));
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length; at += PIECE_LENGTH) {
    pieces.push(
      createHash('sha1')
        .update(stream.subarray(at, at + PIECE_LENGTH))
        .digest(),
    );
  }
  const metainfo = createMetainfo({
    version: 'v1',
    name: basename(folder),
    isSingleFile: false,
    pieceLength: PIECE_LENGTH,
    files,
    pieces: Buffer.concat(pieces),
    symlinks,
    emptyFolders,
    ...changes,
  });
  return { ...metainfo, bytes: encodeMetainfo(metainfo) };
}

/** Lists the entries of a folder as the listing of its content id has them, in order. */
export async function entriesOf(folder: string): Promise<FolderEntry[]> {
  const { files, symlinks, emptyFolders } = await readFolder(folder);
  const nothing = sha256(Buffer.of());
  const entries: FolderEntry[] = [
    ...files.map(({ path, exactPath, attr, sha256: digest }): FolderEntry => {
      return { kind: attr === 'x' ? 'executable' : 'file', path: exactPath ?? path, sha256: toHex(digest!) };
    }),
    ...symlinks.map(({ path, exactPath, linkText }): FolderEntry => {
      const text = Buffer.from(fsPath(linkText!));
      return { kind: 'link', path: exactPath ?? path, sha256: sha256(text) };
    }),
    ...emptyFolders.map(({ path, exactPath }): FolderEntry => {
      return { kind: 'emptyFolder', path: exactPath ?? path, sha256: nothing };
    }),
  ];
  return entries.toSorted((a, b) => (a.path.join('/') < b.path.join('/') ? -1 : 1));
}

async function readFolder(root: string): Promise<WholeFolder> {
  const files: WholeFolder['files'][number][] = [];
  const symlinks: MetainfoSymlink[] = [];
  const emptyFolders: { path: readonly string[]; exactPath?: readonly string[] }[] = [];
  const visit = async (folder: string, above: readonly string[]): Promise<void> => {
    const found = await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
    if (found.length === 0) emptyFolders.push(entryPath(above));
    for (const one of found.toSorted((a, b) => Buffer.compare(a.name, b.name))) {
      const name = diskPathFromBytes(one.name);
      const [at, names] = [join(folder, name), [...above, name]];
      if (one.isDirectory()) await visit(at, names);
      else if (one.isSymbolicLink()) symlinks.push(linkOf(names, await readlink(fsPath(at), 'buffer')));
      else files.push(await fileOf(at, names));
    }
  };
  await visit(root, []);
  return { files, symlinks, emptyFolders };
}

async function fileOf(at: string, names: readonly string[]): Promise<WholeFolder['files'][number]> {
  const [content, { mode }] = await Promise.all([readFile(fsPath(at)), lstat(fsPath(at))]);
  return {
    ...entryPath(names),
    content,
    length: content.length,
    sha256: createHash('sha256').update(content).digest(),
    ...((mode & 0o100) !== 0 && { attr: 'x' }),
  };
}

function linkOf(names: readonly string[], bytes: Buffer): MetainfoSymlink {
  const linkText = diskPathFromBytes(bytes);
  const at = entryPath(names);
  return { ...at, target: linkedPath(at, linkText) ?? linkText.split('/'), linkText };
}

/** Gives a path the form of a metainfo: names that are not UTF-8 are in `exactPath`. */
function entryPath(names: readonly string[]): { path: readonly string[]; exactPath?: readonly string[] } {
  const escaped = names.map((name) => {
    return typeof fsPath(name) === 'string' ? name : Buffer.from(fsPath(name)).toString('latin1');
  });
  return names.every((name, at) => name === escaped[at])
    ? { path: names }
    : { path: escaped, exactPath: names };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
