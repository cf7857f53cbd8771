import { join } from 'node:path';
import { type SpawnedProcess, type SpawnOptions, spawnProcess } from './process.ts';
import { repositoryRoot } from './root.ts';
import type { Scrape } from './scrape.ts';
import { deadline } from './time.ts';

/** Debian's own Python, the one that python3-libtorrent belongs to. */
const PYTHON = '/usr/bin/python3';

/** The description of a `.torrent` by libtorrent. */
export interface TorrentDescription {
  readonly name: string;
  /** 40 hex digits. */
  readonly infoHashV1: string | null;
  /** 64 hex digits. */
  readonly infoHashV2: string | null;
  /** Bytes, pad files not counted. */
  readonly length: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly private: boolean;
  readonly comment: string;
  readonly createdBy: string;
  readonly trackers: readonly { readonly url: string; readonly tier: number }[];
  /** Pad files left out. `path` starts with the torrent's name when it holds several files. */
  readonly files: readonly {
    readonly path: string;
    readonly length: number;
    readonly offset: number;
    /** 64 hex digits; `null` in v1, zeros for an empty file. */
    readonly piecesRoot: string | null;
  }[];
}

/** The state of a torrent in libtorrent. Counts are bytes of payload. */
export interface LibtorrentStatus {
  /** `downloading`, `finished`, `seeding`, `checking_files`, … */
  readonly state: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly isSeeding: boolean;
  /** Empty when there is none. */
  readonly error: string;
  readonly downloaded: number;
  readonly uploaded: number;
  /** The bytes that were thrown away because their piece failed the hash. */
  readonly failedBytes: number;
  readonly peers: readonly {
    readonly host: string;
    readonly port: number;
    readonly client: string;
    readonly downloaded: number;
    readonly uploaded: number;
  }[];
}

/** A torrent in a {@link LibtorrentPeer}. */
export interface LibtorrentTorrent {
  /** The info-hash on the wire: v1, or else the first 20 bytes of v2; hex. */
  readonly infoHash: string;
  /** Waits until all is there, checked, and readable by others; rejects when libtorrent reports an error. */
  finished(signal?: AbortSignal): Promise<void>;
  /** Waits until a tracker has taken an announce. */
  announced(signal?: AbortSignal): Promise<void>;
  /** Asks the torrent's tracker for its counts. @returns the first answer */
  scrape(signal?: AbortSignal): Promise<Scrape>;
  /** Tells libtorrent of a peer, with no tracker between them. */
  connect(host: string, port: number): Promise<void>;
  status(): Promise<LibtorrentStatus>;
  remove(): Promise<void>;
}

/** A running libtorrent session. */
export interface LibtorrentPeer extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly host: string;
  /** The address at which it listens for peers. */
  readonly port: number;
  /**
   * Adds a torrent: it seeds what is in `folder` already, after checking it, and downloads the rest.
   *
   * @param source path of a `.torrent`, or a magnet link
   */
  add(
    source: string,
    options: { readonly folder: string; readonly trackers?: readonly string[] },
  ): Promise<LibtorrentTorrent>;
  /**
   * Writes a `.torrent` for a file or a folder.
   *
   * @param options `pieceLength` 0 or absent lets libtorrent choose; each tracker is a tier of its own
   */
  create(
    path: string,
    output: string,
    options: {
      readonly version: 'v1' | 'v2' | 'hybrid';
      readonly pieceLength?: number;
      readonly trackers?: readonly string[];
      readonly private?: boolean;
      /** Whether links stay links, and not become the files that they lead to. @see BEP 47 */
      readonly attributes?: boolean;
    },
  ): Promise<void>;
  /** Reads a `.torrent`; rejects when libtorrent refuses it. */
  describe(torrentFile: string): Promise<TorrentDescription>;
}

/**
 * Starts libtorrent: TCP only, no DHT, no local discovery, no port mapping.
 *
 * @param options `settings` is libtorrent's own settings pack
 *
 * @example
 * ```ts
 * await using libtorrent = await startLibtorrent();
 * await libtorrent.create(folder.join('a.bin'), folder.join('a.torrent'), { version: 'hybrid', trackers: [announceUrl] });
 * const torrent = await libtorrent.add(folder.join('a.torrent'), { folder: folder.path });
 * await torrent.announced();
 * ```
 */
export async function startLibtorrent({
  host = '127.0.0.1',
  settings = {},
  ...options
}: SpawnOptions & {
  readonly host?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
} = {}): Promise<LibtorrentPeer> {
  const script = join(repositoryRoot, 'test/support/libtorrent-peer.py');
  const child = await spawnProcess(PYTHON, [script], options);
  const call = createCaller(child);
  const { port } = (await call('start', { host, settings })) as { port: number };
  return {
    process: child,
    host,
    port,
    async add(source, { folder, trackers = [] }) {
      const { torrent } = (await call('add', { source, folder, trackers })) as { torrent: string };
      return torrentOf(torrent, child, call);
    },
    async create(path, output, options) {
      const {
        version,
        pieceLength = 0,
        trackers = [],
        private: isPrivate = false,
        attributes = false,
      } = options;
      await call('create', { path, output, version, pieceLength, trackers, private: isPrivate, attributes });
    },
    describe: async (path) => (await call('describe', { path })) as TorrentDescription,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

type Call = (method: string, params: Record<string, unknown>) => Promise<unknown>;

/** Requests and answers of `libtorrent-peer.py`, one JSON object a line. */
function createCaller(child: SpawnedProcess): Call {
  let calls = 0;
  return async (method, params) => {
    calls += 1;
    child.writeLine(JSON.stringify({ id: calls, method, params }));
    const [answer] = await child.waitForLine(new RegExp(`^{"id": ${calls}, .*`));
    const { result, error } = JSON.parse(answer) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(`libtorrent could not ${method}: ${error}`);
    return result;
  };
}

function torrentOf(infoHash: string, child: SpawnedProcess, call: Call): LibtorrentTorrent {
  const event = (names: string, signal: AbortSignal) =>
    child.waitForLine(new RegExp(`^{"event": "(${names})", "torrent": "${infoHash}".*`), signal);
  return {
    infoHash,
    async finished(signal = deadline()) {
      const [line, name] = await event('finished|failed', signal);
      if (name === 'failed') throw new Error(`libtorrent gave up: ${line}`);
    },
    async announced(signal = deadline()) {
      await event('announced', signal);
    },
    async scrape(signal = deadline()) {
      await call('scrape', { torrent: infoHash });
      const [line] = await event('scraped', signal);
      const { complete, incomplete } = JSON.parse(line) as Scrape;
      return { complete, incomplete };
    },
    async connect(host, port) {
      await call('connect', { torrent: infoHash, host, port });
    },
    status: async () => (await call('status', { torrent: infoHash })) as LibtorrentStatus,
    async remove() {
      await call('remove', { torrent: infoHash });
    },
  };
}
