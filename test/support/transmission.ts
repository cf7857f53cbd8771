import { readFile, writeFile } from 'node:fs/promises';
import { Disposables } from './disposables.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import { type SpawnedProcess, spawnProcess } from './process.ts';
import type { Scrape } from './scrape.ts';
import { tempFolder } from './temp-folder.ts';
import { deadline, pollUntil } from './time.ts';

/** The namespace is Transmission's alone, so its ports can be fixed. */
const RPC_PORT = 9091;
const PEER_PORT = 51413;

/** Of `status` in its RPC. */
const SEEDING = 6;

/** A torrent in a {@link Transmission}. */
export interface TransmissionTorrent {
  /** 40 hex digits, lower case. */
  readonly infoHash: string;
  /** Waits until its tracker has answered an announce and a scrape. @returns what it said */
  scraped(signal?: AbortSignal): Promise<Scrape>;
  /** Waits until all is there, checked, and it seeds. */
  finished(signal?: AbortSignal): Promise<void>;
}

/** A running transmission-daemon. */
export interface Transmission extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly host: string;
  /** The address at which it listens for peers. */
  readonly port: number;
  /** Adds a v1 `.torrent`: seeds what is in `folder` already, downloads the rest; peers come from its trackers. */
  add(torrentFile: string, options: { readonly folder: string }): Promise<TransmissionTorrent>;
}

/**
 * Starts transmission-daemon in a namespace, for it ignores peers on 127.0.0.0/8. The tracker and the other peers
 * listen at `namespace.hostAddress`. It looks for whom to serve and whom to ask every 10 seconds only, so a transfer
 * takes that long; hybrid torrents are refused by Debian 12's version 3.00.
 *
 * @example
 * ```ts
 * requirePeers(context, 'transmission', 'network namespace');
 * await using namespace = await networkNamespace();
 * await using transmission = await startTransmission(namespace);
 * const torrent = await transmission.add(torrentFile, { folder: folder.path });
 * await torrent.finished();
 * ```
 */
export async function startTransmission(
  namespace: NetworkNamespace,
  env: Readonly<Record<string, string>> = {},
): Promise<Transmission> {
  await using owned = new Disposables();
  const config = owned.use(await tempFolder());
  await writeFile(config.join('settings.json'), JSON.stringify(settingsFor(namespace.address)));
  const child = owned.use(
    await spawnProcess('transmission-daemon', ['--foreground', '--log-info', '--config-dir', config.path], {
      prefix: namespace.execPrefix,
      env,
    }),
  );
  const call = createCaller(namespace.address);
  const whileItRuns = (signal: AbortSignal) => AbortSignal.any([child.ended, signal]);
  await pollUntil('Transmission answers', () => call('session-get', {}), whileItRuns(deadline()));
  const all = owned.move();
  return {
    process: child,
    host: namespace.address,
    port: PEER_PORT,
    async add(torrentFile, { folder }) {
      const metainfo = (await readFile(torrentFile)).toString('base64');
      const added = await call('torrent-add', { metainfo, 'download-dir': folder, paused: false });
      const { hashString } = added['torrent-added'] as { hashString: string };
      return {
        infoHash: hashString,
        async scraped(signal = deadline()) {
          return pollUntil(
            `Transmission has scraped for ${torrentFile}`,
            () => countsOf(call, hashString),
            whileItRuns(signal),
          );
        },
        async finished(signal = deadline()) {
          await pollUntil(
            `Transmission has all of ${torrentFile}`,
            () => isSeeding(call, hashString),
            whileItRuns(signal),
          );
        },
      };
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

function settingsFor(address: string) {
  return {
    'peer-port': PEER_PORT,
    'rpc-bind-address': address,
    'rpc-port': RPC_PORT,
    'rpc-whitelist-enabled': false,
    'rpc-host-whitelist-enabled': false,
    'dht-enabled': false,
    'lpd-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    // Tries plaintext first, and takes both.
    encryption: 0,
  };
}

type Call = (method: string, parameters: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** Transmission's RPC: a first answer of 409 gives the session id that each request must carry. */
function createCaller(address: string): Call {
  const url = `http://${address}:${RPC_PORT}/transmission/rpc`;
  const header = 'X-Transmission-Session-Id';
  let session = '';
  return async function call(method, parameters) {
    const body = JSON.stringify({ method, arguments: parameters });
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { [header]: session },
      signal: deadline(),
    });
    if (response.status === 409) {
      session = response.headers.get(header)!;
      return call(method, parameters);
    }
    const answer = (await response.json()) as { result: string; arguments: Record<string, unknown> };
    if (answer.result !== 'success') throw new Error(`Transmission could not ${method}: ${answer.result}`);
    return answer.arguments;
  };
}

async function countsOf(call: Call, infoHash: string): Promise<Scrape | undefined> {
  const answer = await call('torrent-get', { ids: [infoHash], fields: ['trackerStats'] });
  const [{ trackerStats }] = answer['torrents'] as [{ trackerStats: TrackerStats[] }];
  const told = trackerStats.find(
    ({ lastAnnounceSucceeded, lastScrapeSucceeded }) => lastAnnounceSucceeded && lastScrapeSucceeded,
  );
  return told && { complete: told.seederCount, incomplete: told.leecherCount };
}

interface TrackerStats {
  readonly lastAnnounceSucceeded: boolean;
  readonly lastScrapeSucceeded: boolean;
  readonly seederCount: number;
  readonly leecherCount: number;
}

async function isSeeding(call: Call, infoHash: string): Promise<true | undefined> {
  const answer = await call('torrent-get', { ids: [infoHash], fields: ['status', 'percentDone'] });
  const [torrent] = answer['torrents'] as [{ status: number; percentDone: number }];
  return (torrent.percentDone === 1 && torrent.status === SEEDING) || undefined;
}
