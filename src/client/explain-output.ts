import type { Metainfo } from '../metainfo/index.ts';
import { formatCount, withoutMiddle } from '../util/index.ts';
import { GetError } from './get-error.ts';
import type { RenamedFile } from './get-options.ts';
import { someNames } from './some-names.ts';

/** Makes the warning that files get other names on this disk. */
export function explainRenamed(renamed: readonly RenamedFile[], metainfo: Metainfo): GetError {
  const { files, symlinks, emptyFolders } = metainfo;
  const told = someNames(
    renamed.map(({ path, diskPath }) => `${quoted(path)} as ${JSON.stringify(diskPath)}`),
  );
  const others = symlinks.length + emptyFolders.length;
  const total = others === 0 ? formatCount(files.length, 'file') : `${files.length + others} entries`;
  return new GetError(
    'RENAMED',
    `${renamed.length} of ${total} ${renamed.length === 1 ? 'gets another name' : 'get other names'} on this disk: ${told}`,
  );
}

/** Makes the warning that a folder has things in it that are not of the torrent. */
export function explainExtra(extra: readonly string[], path: string): GetError {
  const [count, stay] =
    extra.length === 1 ? ['1 entry that is', 'it stays'] : [`${extra.length} entries that are`, 'they stay'];
  return new GetError(
    'EXTRA_FILES',
    `The folder ${path} has ${count} not in the torrent; ${stay} there: ${someNames(extra.map(quoted))}`,
  );
}

/** Makes the warning that a disk cannot hold some entries as they are. */
export function explainNotKept(paths: readonly string[]): GetError {
  const count = paths.length === 1 ? '1 link or mode' : `${paths.length} links and modes`;
  return new GetError(
    'NOT_KEPT',
    `This disk or system cannot hold ${count}: ${someNames(paths.map(quoted))}`,
  );
}

function quoted(path: string): string {
  return JSON.stringify(withoutMiddle(path));
}
