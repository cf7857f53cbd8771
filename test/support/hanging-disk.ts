import { mkdir, readFile } from 'node:fs/promises';
import { Disposables } from './disposables.ts';
import { runProcess, spawnProcess } from './process.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';
import { pollUntil } from './time.ts';

/** A folder of a file system that can be made to hang. */
export interface HangingDisk extends TempFolder {
  /** The same files, on the disk below, which never hangs: for the test to look at. */
  below(name: string): string;
  /** Makes every call to this file system wait from now on, until the process that made it is killed. */
  hang(): void;
}

/**
 * Mounts a folder through FUSE, whose server can be stopped: what a dead network disk is like. The test itself must not
 * touch the mounted folder while it hangs. Needs root.
 *
 * @example
 * ```ts
 * requirePeers(context, 'bindfs');
 * await using disk = await hangingDisk();
 * disk.hang();
 * await using get = await shoal(['get', 'a', '-o', disk.join('a'), '--timeout', '1s']);
 * ```
 */
export async function hangingDisk(): Promise<HangingDisk> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  const [below, mounted] = [folder.join('below'), folder.join('mounted')];
  await Promise.all([mkdir(below), mkdir(mounted)]);
  const server = await spawnProcess('bindfs', ['-f', below, mounted]);
  owned.defer(async () => {
    // First the server: while it is stopped, umount hangs as well.
    server.kill('SIGKILL');
    await server[Symbol.asyncDispose]();
    await runProcess('umount', ['--lazy', mounted]);
  });
  await pollUntil('bindfs has mounted its folder', async () => {
    const isMounted = (await readFile('/proc/self/mounts', 'utf8')).includes(` ${mounted} `);
    return isMounted ? true : undefined;
  });
  const all = owned.move();
  return {
    path: mounted,
    join: (name) => `${mounted}/${name}`,
    below: (name) => `${below}/${name}`,
    hang: () => server.kill('SIGSTOP'),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}
