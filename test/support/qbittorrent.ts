import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Disposables } from './disposables.ts';
import { onFreePort } from './free-port.ts';
import { type SpawnedProcess, spawnProcess } from './process.ts';
import type { Scrape } from './scrape.ts';
import { tempFolder } from './temp-folder.ts';
import { deadline, pollUntil } from './time.ts';

/** The states of a tracker in its web API: it has answered; it could not be reached or refused. */
const [WORKING, NOT_WORKING] = [2, 4];

/** A running qbittorrent-nox. */
export interface Qbittorrent extends AsyncDisposable {
  readonly process: SpawnedProcess;
  /** Adds a `.torrent`: seeds what is in `folder` already, after checking it, and downloads the rest. */
  add(torrentFile: string, options: { readonly folder: string }): Promise<void>;
  /** Waits until a tracker of the torrent has answered. @returns what it said */
  announced(infoHash: string, announceUrl: string): Promise<Scrape>;
}

/**
 * Starts qbittorrent-nox on the machine's loopback, IPv4 and IPv6, with a profile of its own: no DHT, no local discovery,
 * certificates of trackers not checked.
 *
 * @example
 * ```ts
 * requirePeers(context, 'qbittorrent');
 * await using qbittorrent = await startQbittorrent();
 * await qbittorrent.add(torrentFile, { folder: folder.path });
 * ```
 */
export async function startQbittorrent(): Promise<Qbittorrent> {
  return onFreePort(async (port) => {
    await using owned = new Disposables();
    const profile = owned.use(await tempFolder());
    await mkdir(profile.join('qBittorrent/config'), { recursive: true });
    await writeFile(profile.join('qBittorrent/config/qBittorrent.conf'), SETTINGS);
    const args = [`--profile=${profile.path}`, `--webui-port=${port}`];
    const child = owned.use(await spawnProcess('qbittorrent-nox', args, { env: { HOME: profile.path } }));
    const url = `http://127.0.0.1:${port}/api/v2`;
    const ask = async (path: string, body?: FormData): Promise<Response> => {
      const answer = await fetch(`${url}/${path}`, body && { method: 'POST', body });
      if (answer.ok) return answer;
      throw new Error(`qBittorrent answers ${answer.status} to ${path}: ${await answer.text()}`);
    };
    const whileItRuns = () => AbortSignal.any([child.ended, deadline()]);
    await pollUntil('qBittorrent answers', () => ask('app/version'), whileItRuns());
    const all = owned.move();
    return {
      process: child,
      async add(torrentFile, { folder }) {
        const form = formOf({ savepath: folder });
        form.set('torrents', new Blob([await readFile(torrentFile)]), basename(torrentFile));
        const answer = await (await ask('torrents/add', form)).text();
        if (answer !== 'Ok.') throw new Error(`qBittorrent did not add ${torrentFile}: ${answer}`);
      },
      async announced(infoHash, announceUrl) {
        const tracker = await pollUntil(
          `${announceUrl} answers qBittorrent`,
          async () => {
            const trackers = (await (await ask(`torrents/trackers?hash=${infoHash}`)).json()) as Tracker[];
            const tracker = trackers.find(({ url }) => url === announceUrl);
            // By itself it would wait for minutes.
            if (tracker?.status === NOT_WORKING)
              await ask('torrents/reannounce', formOf({ hashes: infoHash }));
            return tracker?.status === WORKING ? tracker : undefined;
          },
          whileItRuns(),
        );
        return { complete: tracker.num_seeds, incomplete: tracker.num_leeches };
      },
      [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
    };
  });
}

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

interface Tracker {
  readonly url: string;
  readonly status: number;
  readonly num_seeds: number;
  readonly num_leeches: number;
}

const SETTINGS = `
[LegalNotice]
Accepted=true
[Preferences]
WebUI\\Address=127.0.0.1
WebUI\\LocalHostAuth=false
Connection\\ResolvePeerCountries=false
[BitTorrent]
Session\\Interface=lo
Session\\InterfaceName=lo
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\QueueingSystemEnabled=false
Session\\SSRFMitigation=false
Session\\ValidateHTTPSTrackerCertificate=false
[Network]
PortForwardingEnabled=false
`;
