import { MetainfoError } from './errors.ts';
import { MAX_NAME_BYTES, MAX_PATH_DEPTH } from './limits.ts';

/** Names that Windows gives to devices, with any extension. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/**
 * Checks that a name can be that of one file or folder on any disk, and of nothing else: no separator, no way up, no
 * drive, no device, no character that changes a terminal.
 *
 * @throws {MetainfoError} `BAD_NAME`
 */
export function checkFileName(name: string): void {
  const fault = faultOf(name);
  if (fault !== undefined) {
    throw new MetainfoError(
      'BAD_NAME',
      `Cannot use the file name ${JSON.stringify(name.slice(0, MAX_NAME_BYTES))}: it ${fault}`,
    );
  }
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'is no name but a way to another folder';
  if (/[/\\]/.test(name)) return 'has a path separator in it';
  if (/\p{Cc}/u.test(name)) return 'has a control character in it';
  if (/^[a-z]:/i.test(name)) return 'starts with a drive';
  if (/[. ]$/.test(name)) return 'ends in a dot or a space, which Windows drops';
  if (WINDOWS_DEVICE.test(name)) return 'is that of a device on Windows';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/**
 * Checks the paths of a torrent's files: each name by {@link checkFileName}, no two files at one place, no file where
 * another's folder is. Names that differ only in case or in Unicode normalization are one place: on some disks the
 * second file would overwrite the first.
 *
 * @throws {MetainfoError} `BAD_NAME`, `DUPLICATE_PATH`, `TOO_LARGE`
 */
export function checkPaths(paths: Iterable<readonly string[]>): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    if (path.length === 0) checkFileName('');
    if (path.length > MAX_PATH_DEPTH) {
      throw new MetainfoError(
        'TOO_LARGE',
        `Cannot use this torrent: a file stands in ${path.length - 1} folders, at most ${MAX_PATH_DEPTH - 1} are taken`,
      );
    }
    let place = '';
    for (const [depth, name] of path.entries()) {
      checkFileName(name);
      place += `/${name.normalize('NFC').toLowerCase()}`;
      if (depth < path.length - 1) folders.add(place);
    }
    if (files.has(place)) {
      throw new MetainfoError(
        'DUPLICATE_PATH',
        `Cannot use this torrent: it has two files at ${JSON.stringify(path.join('/'))}, letter case aside`,
      );
    }
    files.add(place);
  }
  for (const file of files) {
    if (folders.has(file)) {
      throw new MetainfoError(
        'DUPLICATE_PATH',
        `Cannot use this torrent: ${JSON.stringify(file.slice(1))} is both a file and a folder`,
      );
    }
  }
}
