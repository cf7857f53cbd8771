import type { Connection, Listener } from '../../src/net/index.ts';
import { type Address, Bitfield, type Clock } from '../../src/util/index.ts';
import {
  type BlockRequest,
  encodeBitfield,
  encodeHandshake,
  encodePieceHeader,
  encodeUnchoke,
  HANDSHAKE_BYTES,
  type HashRequest,
  type MessageHandler,
  MessageParser,
} from '../../src/wire/index.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimTorrent } from './sim-torrent.ts';

export interface ScriptedPeerOptions extends HostOptions {
  /** Runs there instead of on a host of its own. */
  readonly on?: SimHost;
  /** The port at which it takes connections: 6881 unless given. */
  readonly port?: number;
  /** 20 bytes; unless given, one of its own. */
  readonly peerId?: Uint8Array;
  /** Whether it offers the Fast extension. @see BEP 6 */
  readonly fast?: boolean;
  /** Whether it offers the extension protocol. @see BEP 10 */
  readonly extended?: boolean;
  /** Whether it says that it speaks v2. @see BEP 52 */
  readonly v2?: boolean;
  /** It takes connections and says nothing at all. */
  readonly isMute?: boolean;
  /** Called after the handshakes; by default it sends a full bitfield and an unchoke. */
  readonly introduce?: (link: ScriptedLink) => void;
  /** Called for each request; by default it sends the right block. */
  readonly serve?: (link: ScriptedLink, request: BlockRequest) => void;
  /** Called for each request for hashes; by default it does nothing. */
  readonly serveHashes?: (link: ScriptedLink, request: HashRequest) => void;
  /** Called for each response to a request for hashes, with the hashes, or with `undefined` for a reject. */
  readonly onHashes?: (link: ScriptedLink, request: HashRequest, hashes: Uint8Array | undefined) => void;
  /** Called for each other message that came, with its name in {@link MessageHandler}. */
  readonly onMessage?: (link: ScriptedLink, name: string) => void;
}

const LISTEN_PORT = 6881;

/** A peer without an engine: it claims to have the torrent, and does what the test tells it to. */
export class ScriptedPeer {
  readonly host: SimHost;
  readonly address: Address;
  readonly links: ScriptedLink[] = [];
  readonly #torrent: SimTorrent;
  readonly #clock: Clock;
  readonly #peerId: Uint8Array;
  readonly #options: ScriptedPeerOptions;
  readonly #listener: Promise<Listener>;

  constructor(network: SimNetwork, torrent: SimTorrent, options: ScriptedPeerOptions) {
    this.host = options.on ?? network.addHost(options);
    this.address = { host: this.host.ip, port: options.port ?? LISTEN_PORT };
    this.#torrent = torrent;
    this.#clock = network.clock;
    this.#peerId = options.peerId ?? Buffer.from(`-SCRIPT-${this.host.ip}`.padEnd(20, '-'));
    this.#options = options;
    // It resolves in the same turn, and cannot fail: nobody else listens there.
    this.#listener = this.host.listen({ port: this.address.port }, (connection) => this.#link(connection));
  }

  async close(): Promise<void> {
    for (const { connection } of this.links) connection.destroy();
    await (await this.#listener).close();
  }

  /** Opens a connection itself. */
  dial(address: Address): void {
    void this.host
      .dial(address, { signal: new AbortController().signal })
      .then((connection) => this.#link(connection));
  }

  get requestCount(): number {
    return this.links.reduce((sum, link) => sum + link.requests.length, 0);
  }

  get isConnected(): boolean {
    return this.links.some((link) => !link.isClosed);
  }

  #link(connection: Connection): void {
    this.links.push(new ScriptedLink(connection, this.#torrent, this.#clock, this.#peerId, this.#options));
  }
}

/** A connection of a {@link ScriptedPeer}. */
export class ScriptedLink {
  readonly connection: Connection;
  readonly torrent: SimTorrent;
  readonly clock: Clock;
  readonly requests: BlockRequest[] = [];
  readonly hashRequests: HashRequest[] = [];
  isClosed = false;

  constructor(
    connection: Connection,
    torrent: SimTorrent,
    clock: Clock,
    peerId: Uint8Array,
    options: ScriptedPeerOptions,
  ) {
    const {
      serve = sendBlock,
      introduce = introduceAsSeed,
      serveHashes,
      onHashes,
      onMessage,
      fast = false,
      v2 = false,
      isMute = false,
    } = options;
    this.connection = connection;
    this.torrent = torrent;
    this.clock = clock;
    const parser = new MessageParser(torrent.metainfo.pieceCount);
    const handler = handlerOf({
      onRequest: (index, begin, length) => {
        this.requests.push({ index, begin, length });
        serve(this, { index, begin, length });
      },
      onHashRequest: (request) => {
        const copy = { ...request, piecesRoot: new Uint8Array(request.piecesRoot) };
        this.hashRequests.push(copy);
        serveHashes?.(this, copy);
      },
      onHashes: (request, hashes) => onHashes?.(this, request, hashes && new Uint8Array(hashes)),
      onOther: (name) => onMessage?.(this, name),
    });
    let handshakeLeft = HANDSHAKE_BYTES;
    connection.start({
      onData: (bytes) => {
        const taken = Math.min(handshakeLeft, bytes.length);
        handshakeLeft -= taken;
        if (isMute) return;
        if (taken > 0 && handshakeLeft === 0) introduce(this);
        parser.push(bytes.subarray(taken), handler);
      },
      onDrain: () => {},
      onClose: () => {
        this.isClosed = true;
      },
    });
    if (isMute) return;
    connection.write(
      encodeHandshake({
        infoHash: torrent.metainfo.infoHash,
        peerId,
        supports: { fast, extended: options.extended ?? false, dht: false, v2 },
      }),
    );
  }

  send(bytes: Uint8Array): void {
    this.connection.write(bytes);
  }
}

export function introduceAsSeed(link: ScriptedLink): void {
  link.send(encodeBitfield(Bitfield.full(link.torrent.metainfo.pieceCount)));
  link.send(encodeUnchoke());
}

/** @param bytes what to send; the right ones unless given */
export function sendBlock(
  link: ScriptedLink,
  request: BlockRequest,
  bytes = rightBlock(link, request),
): void {
  link.send(encodePieceHeader({ ...request, length: bytes.length }));
  link.send(bytes);
}

export function sendZeros(link: ScriptedLink, request: BlockRequest): void {
  sendBlock(link, request, new Uint8Array(request.length));
}

function rightBlock(link: ScriptedLink, { index, begin, length }: BlockRequest): Uint8Array {
  const start = index * link.torrent.metainfo.pieceLength + begin;
  return link.torrent.stream.subarray(start, start + length);
}

function handlerOf(on: {
  onRequest(index: number, begin: number, length: number): void;
  onHashRequest(request: HashRequest): void;
  onHashes(request: HashRequest, hashes: Uint8Array | undefined): void;
  onOther(name: string): void;
}): MessageHandler {
  const other = (name: keyof MessageHandler) => () => on.onOther(name);
  return {
    onRequest: (index, begin, length) => on.onRequest(index, begin, length),
    onKeepAlive: other('onKeepAlive'),
    onChoke: other('onChoke'),
    onUnchoke: other('onUnchoke'),
    onInterested: other('onInterested'),
    onNotInterested: other('onNotInterested'),
    onHave: other('onHave'),
    onBitfield: other('onBitfield'),
    onCancel: other('onCancel'),
    onBlockStart: () => {},
    onBlockData: () => {},
    onBlockEnd: other('onBlockEnd'),
    onPort: other('onPort'),
    onSuggestPiece: other('onSuggestPiece'),
    onHaveAll: other('onHaveAll'),
    onHaveNone: other('onHaveNone'),
    onReject: other('onReject'),
    onAllowedFast: other('onAllowedFast'),
    onExtended: other('onExtended'),
    onHashRequest: (request) => on.onHashRequest(request),
    onHashes: (request, hashes) => on.onHashes(request, hashes),
    onHashReject: (request) => on.onHashes(request, undefined),
    onUnknown: other('onUnknown'),
  };
}
