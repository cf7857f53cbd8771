import { chmod, writeFile } from 'node:fs/promises';
import { Disposables } from './disposables.ts';
import { onFreePort } from './free-port.ts';
import { type SpawnedProcess, spawnProcess } from './process.ts';
import { untilSeeders } from './scrape.ts';
import { tempFolder } from './temp-folder.ts';
import { deadline, pollUntil } from './time.ts';

const WHITELIST = 'whitelist';

export interface OpentrackerOptions {
  /** The info-hashes it serves, 40 hex digits each; it refuses all others. */
  readonly infoHashes: readonly string[];
  /** An address of this machine, outside of network namespaces. */
  readonly host?: string;
}

/** A running opentracker. */
export interface Opentracker extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly announceUrl: string;
  /** The same over UDP. */
  readonly udpAnnounceUrl: string;
  /** Waits until it knows at least `count` seeders of a torrent. */
  untilSeeders(infoHash: string, count: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Starts Debian's opentracker, over HTTP and UDP. It must be root to begin with: it chroots into its folder and goes on as
 * `nobody`; the whitelist is read inside.
 *
 * @example
 * ```ts
 * await using tracker = await startOpentracker({ infoHashes: [infoHash] });
 * const torrent = await libtorrent.add(torrentFile, { folder: folder.path, trackers: [tracker.announceUrl] });
 * await tracker.untilSeeders(infoHash, 1);
 * ```
 */
export async function startOpentracker({
  infoHashes,
  host = '127.0.0.1',
}: OpentrackerOptions): Promise<Opentracker> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  await chmod(folder.path, 0o755);
  await writeFile(folder.join(WHITELIST), infoHashes.map((infoHash) => `${infoHash}\n`).join(''));
  const { child, announceUrl } = await onFreePort(async (port) => {
    await using attempt = new Disposables();
    const ports = ['-p', String(port), '-P', String(port)];
    const args = ['-i', host, ...ports, '-d', folder.path, '-u', 'nobody', '-w', WHITELIST];
    const child = attempt.use(await spawnProcess('opentracker', args));
    const announceUrl = `http://${host}:${port}/announce`;
    const signal = AbortSignal.any([child.ended, deadline()]);
    await pollUntil('opentracker answers', (signal) => fetch(announceUrl, { signal }), signal);
    attempt.move();
    return { child, announceUrl };
  }, host);
  owned.use(child);
  const all = owned.move();
  return {
    process: child,
    announceUrl,
    udpAnnounceUrl: announceUrl.replace('http:', 'udp:'),
    async untilSeeders(infoHash, count, signal = deadline()) {
      await untilSeeders(announceUrl, infoHash, count, AbortSignal.any([child.ended, signal]));
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}
