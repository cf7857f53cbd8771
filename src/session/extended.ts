import { decodeExtendedHandshake, ExtendedId, encodeExtendedHandshake } from '../extension/index.ts';
import { MAX_QUEUED_REQUESTS } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';

const CLIENT_VERSION = 'Shoal 0.1.0';

/** Sends the extended handshake. @param listenPort where the peer reaches us, if it can. @see BEP 10, BEP 21 */
export function greet(peer: PeerConnection, listenPort: number | undefined, uploadOnly: boolean): void {
  const handshake = encodeExtendedHandshake({
    extensions: new Map(),
    version: CLIENT_VERSION,
    yourIp: peer.remote.host,
    reqq: MAX_QUEUED_REQUESTS,
    uploadOnly,
    ...(listenPort === undefined ? {} : { port: listenPort }),
  });
  peer.session.sendExtended(ExtendedId.handshake, handshake);
}

/**
 * Takes over what the peer says of itself. We offer no extension, so that no other message is for us.
 *
 * @throws {ExtensionError} when it cannot be read; the peer is of use all the same
 */
export function readExtended(peer: PeerConnection, extendedId: number, payload: Uint8Array): void {
  if (extendedId !== ExtendedId.handshake) return;
  peer.introduce(decodeExtendedHandshake(payload));
}
