import { type CreateTorrentOptions, createHashPool, createTorrent } from '../../hashing/index.ts';
import type { Metainfo } from '../../metainfo/index.ts';
import { createSeeder, type Seeder } from '../../seeder/index.ts';
import { createTracker } from '../../tracker/index.ts';
import { closeAll } from '../../util/index.ts';

/** A torrent, its tracker and its only seeder, in this process and on loopback. */
export interface LocalSwarm extends AsyncDisposable {
  readonly metainfo: Metainfo;
  /** The bytes of the `.torrent`. */
  readonly torrent: Uint8Array;
  /** URL of the tracker, which the torrent does not name. */
  readonly tracker: string;
  readonly seeder: Seeder;
}

/** Seeds a file or folder as one torrent. Resolves when the tracker knows it. */
export async function startLocalSwarm(data: string, options?: CreateTorrentOptions): Promise<LocalSwarm> {
  await using pool = createHashPool();
  const { metainfo, bytes: torrent } = await createTorrent(pool, data, options);
  return { metainfo, torrent, ...(await seedLocally(torrent, data)) };
}

/** As {@link startLocalSwarm}, for a torrent that is there already. */
export async function seedLocally(
  torrent: Uint8Array,
  data: string,
): Promise<Pick<LocalSwarm, 'tracker' | 'seeder'> & AsyncDisposable> {
  const host = '127.0.0.1';
  const tracker = await createTracker({ host });
  let onRegistered = () => {};
  const registered = new Promise<void>((resolve) => {
    onRegistered = resolve;
  });
  const seeder = await createSeeder({
    tracker: tracker.url,
    torrents: [{ torrent, data }],
    host,
    bindHost: host,
    onRegistered: () => onRegistered(),
    // Peers come and go as the tests want it.
    onWarning: () => {},
  });
  await registered;
  return {
    tracker: tracker.url,
    seeder,
    [Symbol.asyncDispose]: () =>
      closeAll([
        { name: 'the seeder', close: () => seeder.close() },
        { name: 'the tracker', close: () => tracker.close() },
      ]),
  };
}
