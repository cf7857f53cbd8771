import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';

/** Matches the types of file systems that another machine or process serves, so that their answers may never come. */
const SERVED_ELSEWHERE =
  /^(?:fuse|fuse\..+|fuseblk|nfs4?|cifs|smb3|smbfs|9p|virtiofs|ceph|afs|lustre|autofs)$/;
/** The most links that are followed on the way to one name; more count as a circle. Linux follows as many. */
const MAX_LINKS_FOLLOWED = 40;

/**
 * Lists the mount points of file systems that may hang. Only Linux tells them; on other systems the list is empty. The root
 * is left out, because nothing runs when that hangs. No file system is touched.
 *
 * @param mountInfo the text of `/proc/self/mountinfo`, by default read from there
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
 * Tells whether a path leads to one of some mounts, even through symbolic links. It looks at no name in any of them, so that
 * it cannot hang itself.
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
    // A text that is no path, or a path that may not be looked at, will not be opened later either.
    if (!(thrown instanceof Error)) throw thrown;
  }
  return false;
}

/**
 * Finds the first mount or symbolic link on the way to a path.
 *
 * @returns `true` for a mount; for a link, the path that it leads to with the rest of the way; `undefined` for neither
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
    // This system has no /proc, or does not let us read it.
    if (!(thrown instanceof Error)) throw thrown;
    return '';
  }
}
