import {
  decodeExtendedHandshake,
  ExtendedId,
  encodeExtendedHandshake,
  MAX_EXTENDED_HANDSHAKE_BYTES,
} from '../extension/index.ts';
import { MAX_QUEUED_REQUESTS } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';

const CLIENT_VERSION = 'Shoal 0.1.0';

/**
 * An extension of the peer protocol. It is offered in our extended handshake, and takes the messages that peers send for it.
 *
 * A new extension has a codec and a number in `extension/`, a file beside this one that makes a `PeerExtension`, such as
 * `dont-have.ts`, and its entry in the list in `session/torrent.ts`. Extensions only receive, as yet: to send, the numbers that
 * the peer gives in `m` would have to be kept, which `PeerConnection.introduce()` does not do.
 */
export interface PeerExtension {
  /** The name of the extension in the dictionary `m` of the extended handshake. */
  readonly name: string;
  /** The id with which peers send its messages, one of {@link ExtendedId}. */
  readonly id: number;
  /** The bytes of the longest message. Longer messages are ignored. */
  readonly maxBytes: number;
  /**
   * Takes a message.
   *
   * @param payload the message without its ids, valid until this returns
   * @throws {ExtensionError} when the message cannot be read. The peer stays connected
   */
  onMessage(peer: PeerConnection, payload: Uint8Array): void;
}

/** The extensions that a torrent offers its peers. @see BEP 10 */
export class PeerExtensions {
  readonly #extensions: readonly PeerExtension[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(extensions: readonly PeerExtension[]) {
    this.#extensions = extensions;
    this.#ids = new Map(extensions.map(({ name, id }) => [name, id]));
  }

  /** Returns the bytes of the longest extended message with this id; 0 when all messages with it are ignored. */
  maxBytes(extendedId: number): number {
    if (extendedId === ExtendedId.handshake) return MAX_EXTENDED_HANDSHAKE_BYTES;
    return this.#with(extendedId)?.maxBytes ?? 0;
  }

  /**
   * Sends the extended handshake.
   *
   * @param listenPort the port at which the peer can reach us; `undefined` when it cannot
   * @param uploadOnly whether we want no pieces
   * @see BEP 10, BEP 21
   */
  greet(peer: PeerConnection, listenPort: number | undefined, uploadOnly: boolean): void {
    const handshake = encodeExtendedHandshake({
      extensions: this.#ids,
      version: CLIENT_VERSION,
      yourIp: peer.remote.host,
      reqq: MAX_QUEUED_REQUESTS,
      uploadOnly,
      ...(listenPort === undefined ? {} : { port: listenPort }),
    });
    peer.session.sendExtended(ExtendedId.handshake, handshake);
  }

  /**
   * Hands a message to its extension. The extended handshake goes to the connection itself.
   *
   * @throws {ExtensionError} when the message cannot be read. The peer stays connected
   */
  onMessage(peer: PeerConnection, extendedId: number, payload: Uint8Array): void {
    if (extendedId === ExtendedId.handshake) peer.introduce(decodeExtendedHandshake(payload));
    else this.#with(extendedId)?.onMessage(peer, payload);
  }

  #with(extendedId: number): PeerExtension | undefined {
    return this.#extensions.find(({ id }) => id === extendedId);
  }
}
