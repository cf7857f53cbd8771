import { Disposables } from './disposables.ts';
import { runProcess } from './process.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';

/** A disk of the test's own. */
export interface SmallDisk extends TempFolder {
  /** From now on nobody can write to it, root neither. Nothing may be open for writing. */
  makeReadOnly(): Promise<void>;
}

/**
 * Makes a folder on a disk of its own that holds `size` bytes and not one more (whole pages of 4 KiB). Needs root.
 *
 * @example
 * ```ts
 * requirePeers(context, 'tmpfs');
 * await using disk = await smallDisk(64 * 1024);
 * await expect(writeFile(disk.join('a'), Buffer.alloc(100_000))).rejects.toThrow('ENOSPC');
 * ```
 */
export async function smallDisk(size: number): Promise<SmallDisk> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  await runProcess('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder.path]);
  owned.defer(async () => {
    await runProcess('umount', ['--lazy', folder.path]);
  });
  const all = owned.move();
  return {
    ...folder,
    async makeReadOnly() {
      await runProcess('mount', ['-o', 'remount,ro', folder.path]);
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}
