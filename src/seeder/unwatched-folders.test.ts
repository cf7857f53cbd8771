import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FakeClock, tempFolder } from '../../test/support/index.ts';
import { createHashPool } from '../hashing/index.ts';
import { makeOfferCached } from './cached-offer.ts';
import { UNWATCHED_INTERVAL_MS, UnwatchedFolders } from './unwatched-folders.ts';

test('UnwatchedFolders tells once that a folder has changed, and again after it was as it is offered', async () => {
  await using folder = await tempFolder();
  await using pool = createHashPool({ threads: 1 });
  await writeFile(folder.join('run'), '#!');
  await symlink('run', folder.join('link'));
  await mkdir(folder.join('empty'));
  const source = {
    kind: 'folder',
    path: folder.path,
    version: 'v1',
    hidden: false,
    follow: false,
    skipUnreadable: false,
  } as const;
  const offer = await makeOfferCached({ pool, cache: undefined }, source, {});
  const clock = new FakeClock();
  const told: string[] = [];
  const watch = new UnwatchedFolders({
    clock,
    pool,
    report: ({ message }) => told.push(message.split(': ')[1]!),
  });
  watch.add(offer);
  /** Waits until the next look has ended. Real files are looked at, so that virtual time does not tell. */
  const look = async () => {
    const before = clock.pendingCount;
    await clock.pass(UNWATCHED_INTERVAL_MS);
    await expect.poll(() => clock.pendingCount).toBe(before);
  };
  await look();
  expect(told).toEqual([]);
  await chmod(folder.join('run'), 0o755);
  await writeFile(folder.join('new'), '');
  await writeFile(folder.join('.hidden'), '');
  await look();
  await writeFile(folder.join('more'), '');
  await look();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^"new" was added, "run" has another mode, kind or target\. Start anew/);
  await chmod(folder.join('run'), 0o644);
  await rm(folder.join('new'));
  await rm(folder.join('more'));
  await look();
  await rm(folder.join('link'));
  await symlink('empty', folder.join('link'));
  await rm(folder.join('empty'), { recursive: true });
  await look();
  expect(told[1]).toMatch(/^"empty" was removed, "link" has another mode, kind or target\. Start anew/);
  watch.close();
});
