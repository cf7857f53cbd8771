import { Pads } from '../../src/metainfo/index.ts';
import { type RateLimits, Session, type Torrent } from '../../src/session/index.ts';
import { type Address, Bitfield, type ReportError } from '../../src/util/index.ts';
import { MemoryStorage } from '../support/index.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import type { SimNetwork } from './sim-network.ts';
import { SimStorage } from './sim-storage.ts';
import { completeIn, makeTrees, type SimTorrent } from './sim-torrent.ts';

export interface SimPeerOptions extends HostOptions {
  /** Runs there instead of on a host of its own. */
  readonly on?: SimHost;
  readonly port?: number;
  /** Decides between two connections to one peer: 0 to 255. */
  readonly idByte?: number;
  /** 20 bytes; unless given, random ones. */
  readonly peerId?: Uint8Array;
  readonly uploadSlots?: number;
  readonly maxConnections?: number;
  readonly pieceMemoryBytes?: number;
  readonly readCacheBytes?: number;
  /** The rate limits of the session. */
  readonly limits?: RateLimits;
  /** The rate limits of the torrent. */
  readonly torrentLimits?: RateLimits;
  /** The pieces to fetch; absent: all. */
  readonly wanted?: Bitfield;
  /** The milliseconds that hashing a piece takes. */
  readonly checkMs?: number;
}

/** A session with one torrent on the simulated network, and what it told. */
export class SimPeer {
  readonly host: SimHost;
  readonly session: Session;
  readonly torrent: Torrent;
  readonly storage: SimStorage;
  readonly #memory: MemoryStorage;
  readonly #content: SimTorrent;
  readonly pieces: number[] = [];
  readonly failures: Error[] = [];
  readonly badPeers: string[] = [];
  completeCount = 0;
  completedAt: number | undefined;

  private constructor(
    network: SimNetwork,
    host: SimHost,
    session: Session,
    content: SimTorrent,
    have: Bitfield,
    { torrentLimits, wanted, checkMs = 0 }: SimPeerOptions,
  ) {
    this.host = host;
    this.session = session;
    this.#content = content;
    this.#memory = new MemoryStorage(content.metainfo.files);
    if (have.isFull) this.#fill();
    this.storage = new SimStorage(this.#memory, network.clock);
    this.torrent = session.add({
      metainfo: content.metainfo,
      storage: this.storage,
      completion: {
        ...completeIn(this.storage, content, have, async () => {
          if (checkMs > 0) await new Promise<void>((done) => network.clock.setTimer(checkMs, done));
        }),
        wanted,
      },
      limits: torrentLimits,
      onPieceVerified: (index) => this.pieces.push(index),
      onComplete: () => {
        this.completeCount += 1;
        this.completedAt = network.clock.now();
      },
      onFailed: (error) => this.failures.push(error),
      onBadPeer: (name, error) => this.badPeers.push(`${name}: ${error.message}`),
    });
  }

  static async open(
    network: SimNetwork,
    content: SimTorrent,
    isSeed: boolean,
    report: ReportError,
    options: SimPeerOptions = {},
  ): Promise<SimPeer> {
    const host = options.on ?? network.addHost(options);
    const { clock, random } = network;
    const session = await Session.open({
      ...options,
      network: host,
      clock,
      random,
      report,
      makeTrees,
      peerId:
        options.peerId ??
        Uint8Array.from({ length: 20 }, (_, at) =>
          at === 0 && options.idByte !== undefined ? options.idByte : random.next() * 256,
        ),
      port: options.port ?? 6881,
    });
    const { pieceCount } = content.metainfo;
    const have = isSeed ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
    for (const index of Pads.of(content.metainfo)?.wholePieces() ?? []) have.add(index);
    return new SimPeer(network, host, session, content, have, options);
  }

  get address(): Address {
    return this.session.address;
  }

  get isComplete(): boolean {
    return this.torrent.isComplete;
  }

  /** Tells whether the storage holds the torrent's content, file by file. */
  get hasRightBytes(): boolean {
    const { metainfo, stream } = this.#content;
    return metainfo.files.every(
      ({ offset, length }, file) =>
        Buffer.compare(this.#memory.contentOf(file), stream.subarray(offset, offset + length)) === 0,
    );
  }

  #fill(): void {
    const { metainfo, stream } = this.#content;
    for (const [file, { offset, length }] of metainfo.files.entries())
      this.#memory.contentOf(file).set(stream.subarray(offset, offset + length));
  }
}
