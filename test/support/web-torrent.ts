import { fileURLToPath } from 'node:url';
import { type SpawnedProcess, type SpawnOptions, spawnProcess } from './process.ts';

/** bittorrent-tracker's client, with peers that do not connect but for their offers and answers. */
export interface WebTorrentClient extends AsyncDisposable {
  /** Has it `start`, `seed` (from now on it has everything), `update`, `complete`, `stop` or `scrape HASH…`. */
  tell(command: string): void;
  /** Waits until it has told of this, fields in order: `update` with `{ complete: 1, incomplete: 0 }`. */
  tells(event: string, fields: object): Promise<void>;
}

/** @param peerId 40 hex digits */
export async function startWebTorrentClient(
  announceUrl: string,
  infoHash: string,
  peerId: string,
  options: SpawnOptions = {},
): Promise<WebTorrentClient> {
  const program = fileURLToPath(new URL('./web-torrent-worker.js', import.meta.url));
  const process: SpawnedProcess = await spawnProcess(
    globalThis.process.execPath,
    [program, announceUrl, infoHash, peerId],
    options,
  );
  return {
    tell: (command) => process.writeLine(command),
    async tells(event, fields) {
      const line = JSON.stringify({ event, ...fields }).replaceAll(/[{}]/g, '\\$&');
      await process.waitForLine(new RegExp(`^${line}$`));
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}
