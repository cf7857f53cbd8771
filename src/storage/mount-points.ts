import { readFile } from 'node:fs/promises';
import { diskPathFromBytes } from '../util/index.ts';

/** The field of the path in a line of `/proc/self/mountinfo`. @see man 5 proc */
const MOUNT_POINT_FIELD = 4;

/** Lists the paths at which disks are mounted, on Linux. */
export async function mountPoints(): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'latin1').catch(() => '');
  const unescaped = (path: string) =>
    path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return text
    .split('\n')
    .map((line) => line.split(' ')[MOUNT_POINT_FIELD])
    .filter((path) => path !== undefined)
    .map((path) => diskPathFromBytes(Buffer.from(unescaped(path), 'latin1')));
}
