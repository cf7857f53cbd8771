import { open, stat, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { createHashPool, createTorrent } from '../hashing/index.ts';
import { makeOfferCached } from './cached-offer.ts';
import { findDifferent } from './find-different.ts';
import type { OfferSource } from './offer.ts';

/** Writes other bytes into a file, so that it has the same inode, size and time of the last write as before. */
async function overwrite(path: string, text: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  await using file = await open(path, 'r+');
  await file.write(text, 0);
  await utimes(path, atime, mtime);
}

test.each(['file', 'folder', 'torrent'] as const)(
  'findDifferent() finds a changed file of a %s',
  async (kind) => {
    await using folder = await tempFolder();
    await using pool = createHashPool({ threads: 1 });
    const path = folder.join('a');
    await writeFile(path, 'aaaa');
    await writeFile(folder.join('b'), 'bbbb');
    const { bytes, metainfo } = await createTorrent(pool, folder.path, { version: 'v1', sha256: false });
    const folderSource = { path: folder.path, hidden: false, follow: false, skipUnreadable: false } as const;
    const sources: Record<typeof kind, OfferSource> = {
      file: { kind: 'file', path, version: 'v1' },
      folder: { kind: 'folder', version: 'v1', ...folderSource },
      torrent: { kind: 'torrent', torrent: bytes, metainfo, data: folder.path },
    };
    const offer = await makeOfferCached({ pool, cache: undefined }, sources[kind], {});
    const first = offer.files.filter((file) => file.path === path);
    expect(first[0]!.changedNs).toBe((await stat(path, { bigint: true })).ctimeNs);
    expect(await findDifferent(pool, offer, first)).toEqual([]);
    await overwrite(path, 'cccc');
    expect(await findDifferent(pool, offer, first)).toEqual(first);
  },
);
