import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';

/** The types of file systems whose answers come from another machine or process, and so may never come. */
const SERVED_ELSEWHERE =
  /^(?:fuse|fuse\..+|fuseblk|nfs4?|cifs|smb3|smbfs|9p|virtiofs|ceph|afs|lustre|autofs)$/;
/** The most links that are followed on the way to one name, before it is taken for a circle: as many as Linux follows. */
const MAX_LINKS_FOLLOWED = 40;

/**
 * Lists the places where file systems are mounted that may hang, as far as the system says, which only Linux does. The
 * root is left out, as nothing runs when that hangs. No file system is touched.
 *
 * @param mountInfo of `/proc/self/mountinfo`; `undefined`: read from there
 */
export function mountsThatMayHang(mountInfo = readMountInfo()): readonly string[] {
  return mountInfo
    .split('\n')
    .flatMap((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const place = before.split(' ')[4];
      return place !== undefined && place !== '/' && SERVED_ELSEWHERE.test(after.split(' ')[0]!)
        ? [place]
        : [];
    })
    .map((place) =>
      place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}

/**
 * Tells whether a path leads to one of some mounts, also through symbolic links. Looks at no name in any of them, so that
 * it does not hang itself.
 */
export function leadsToAny(path: string, mounts: readonly string[]): boolean {
  try {
    let wanted = resolve(path);
    for (let links = 0; links <= MAX_LINKS_FOLLOWED; links += 1) {
      const met = firstOnTheWay(wanted, mounts);
      if (met === true) return true;
      if (met === undefined) return false;
      wanted = met;
    }
  } catch (thrown) {
    // A text that is no path, and a path that may not be looked at, will not be opened either.
    if (!(thrown instanceof Error)) throw thrown;
  }
  return false;
}

/**
 * Finds the first mount or symbolic link on the way to a path.
 *
 * @returns `true` for a mount; where the first link before one leads, with the rest of the way; `undefined` for neither
 */
function firstOnTheWay(path: string, mounts: readonly string[]): string | true | undefined {
  const { root } = parse(path);
  const names = path.slice(root.length).split(sep);
  let at = root;
  for (const [index, name] of names.entries()) {
    at = join(at, name);
    if (mounts.includes(at)) return true;
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (stats.isSymbolicLink()) return resolve(dirname(at), readlinkSync(at), ...names.slice(index + 1));
  }
  return undefined;
}

function readMountInfo(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch (thrown) {
    // This is another system, or one that does not let us look.
    if (!(thrown instanceof Error)) throw thrown;
    return '';
  }
}
