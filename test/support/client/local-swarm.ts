import { join } from 'node:path';
import { type CreateTorrentOptions, createHashPool, createTorrent } from '../../../src/hashing/index.ts';
import type { Metainfo } from '../../../src/metainfo/index.ts';
import { tcpNetwork } from '../../../src/net/index.ts';
import { Session } from '../../../src/session/index.ts';
import { FileStorage, OpenFiles } from '../../../src/storage/index.ts';
import { makePeerId } from '../../../src/swarm/index.ts';
import { createTracker } from '../../../src/tracker/index.ts';
import { Announcer, announce, announceUrlOf } from '../../../src/tracker-client/index.ts';
import { closeAll, systemClock, systemRandom } from '../../../src/util/index.ts';

/** A torrent, its tracker and its only seeder, in this process and on loopback. */
export interface LocalSwarm extends AsyncDisposable {
  readonly metainfo: Metainfo;
  /** The bytes of the `.torrent`. */
  readonly torrent: Uint8Array;
  /** URL of the tracker, which the torrent does not name. */
  readonly tracker: string;
}

/** Makes a torrent of a file or folder and seeds it. */
export async function startLocalSwarm(data: string, options?: CreateTorrentOptions): Promise<LocalSwarm> {
  await using pool = createHashPool();
  const { metainfo, bytes: torrent } = await createTorrent(pool, data, options);
  return seedLocally(metainfo, torrent, data);
}

/** Seeds a torrent without a look at its data. Resolves when the tracker knows the seeder. */
export async function seedLocally(
  metainfo: Metainfo,
  torrent: Uint8Array,
  data: string,
): Promise<LocalSwarm> {
  const host = '127.0.0.1';
  // Peers come and go as the tests want it.
  const shared = { clock: systemClock, random: systemRandom, peerId: makePeerId(), report: () => {} };
  const tracker = await createTracker({ host });
  const trees = createHashPool({ threads: 1 });
  const session = await Session.open({
    ...shared,
    makeTrees: trees,
    network: tcpNetwork(shared),
    host,
    port: 0,
  });
  const files = metainfo.files.map(({ path, exactPath = path, offset, length }) => ({
    path: metainfo.isSingleFile ? data : join(data, ...exactPath),
    offset,
    length,
  }));
  const storage = new FileStorage({ files, mode: 'read', openFiles: new OpenFiles(shared) });
  const { infoHashes, stats } = session.add({ metainfo, storage });
  const announcer = await new Promise<Announcer>((onAnswered, onFailed) => {
    const starting = new Announcer({
      ...shared,
      announce,
      tiers: [[announceUrlOf(tracker.url)]],
      infoHashes,
      port: session.address.port,
      stats: () => stats,
      onPeers: () => {},
      onResponse: () => onAnswered(starting),
      onFailure: (_, error) => onFailed(error),
    });
    starting.start();
  });
  return {
    metainfo,
    torrent,
    tracker: tracker.url,
    [Symbol.asyncDispose]: () =>
      closeAll([
        { name: 'the announcer', close: () => announcer.close() },
        { name: 'the session', close: () => session.close() },
        { name: 'the hashing thread', close: () => trees.close() },
        { name: 'the storage', close: () => storage.close() },
        { name: 'the tracker', close: () => tracker.close() },
      ]),
  };
}
