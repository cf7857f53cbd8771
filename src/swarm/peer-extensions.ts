import {
  decodeExtendedHandshake,
  ExtendedId,
  encodeExtendedHandshake,
  MAX_EXTENDED_HANDSHAKE_BYTES,
} from '../extension/index.ts';
import { MAX_QUEUED_REQUESTS } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';

const CLIENT_VERSION = 'Shoal 0.1.0';

/** An extension of the peer protocol: it is offered in our extended handshake, and takes the messages that peers send for it. */
export interface PeerExtension {
  /** The name in `m`. */
  readonly name: string;
  /** The id that peers send its messages with, one of `ExtendedId`. */
  readonly id: number;
  /** Bytes of the longest message; longer ones are passed over. */
  readonly maxBytes: number;
  /**
   * A message came. @param payload valid until this returns
   *
   * @throws {ExtensionError} when it cannot be read; the peer is of use all the same
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

  /** Tells how many bytes of an extended message are read; 0 where it is passed over. */
  maxBytes(extendedId: number): number {
    if (extendedId === ExtendedId.handshake) return MAX_EXTENDED_HANDSHAKE_BYTES;
    return this.#with(extendedId)?.maxBytes ?? 0;
  }

  /** Sends the extended handshake. @param listenPort where the peer reaches us, if it can. @see BEP 10, BEP 21 */
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
   * Hands a message to its extension; the handshake tells the peer's connection what the peer says of itself.
   *
   * @throws {ExtensionError} when it cannot be read; the peer is of use all the same
   */
  onMessage(peer: PeerConnection, extendedId: number, payload: Uint8Array): void {
    if (extendedId === ExtendedId.handshake) peer.introduce(decodeExtendedHandshake(payload));
    else this.#with(extendedId)?.onMessage(peer, payload);
  }

  #with(extendedId: number): PeerExtension | undefined {
    return this.#extensions.find(({ id }) => id === extendedId);
  }
}
