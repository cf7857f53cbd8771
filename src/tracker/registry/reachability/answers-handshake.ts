import { type Connection, type Network, NetworkError } from '../../../net/index.ts';
import { type Address, equalBytes, type InfoHash } from '../../../util/index.ts';
import { encodeHandshake, HandshakeReader, WireError } from '../../../wire/index.ts';

/** A seeder, with the handshake that it is expected to answer. */
export interface ExpectedPeer {
  readonly address: Address;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** A torrent that it holds. */
  readonly infoHash: InfoHash;
}

export interface HandshakeResources {
  readonly network: Network;
  /** The peer id of the tracker, 20 bytes. */
  readonly ours: Uint8Array;
  /** The signal that ends the check early: then the seeder has not answered. */
  readonly signal: AbortSignal;
}

/**
 * Connects to a seeder and tells whether it answers a handshake for its torrent with its peer id. Nothing else is sent, and
 * the connection is closed.
 *
 * @see BEP 3
 */
export async function answersHandshake(
  { address, peerId, infoHash }: ExpectedPeer,
  { network, ours, signal }: HandshakeResources,
): Promise<boolean> {
  const supports = { fast: false, extended: false, dht: false, v2: false };
  try {
    const connection = await network.dial(address, { signal });
    signal.addEventListener('abort', () => connection.destroy(), { once: true });
    if (signal.aborted) connection.destroy();
    const found = await peerIdOf(connection, encodeHandshake({ infoHash, peerId: ours, supports }), infoHash);
    return found !== undefined && equalBytes(found, peerId);
  } catch (thrown) {
    if (thrown instanceof NetworkError) return false;
    throw thrown;
  }
}

/**
 * Sends the handshake and closes the connection after the response.
 *
 * @returns the peer id of the response, if it is of the torrent
 */
function peerIdOf(
  connection: Connection,
  handshake: Uint8Array,
  infoHash: InfoHash,
): Promise<Uint8Array | undefined> {
  const reader = new HandshakeReader();
  return new Promise((resolve, reject) => {
    const end = (peerId: Uint8Array | undefined): void => {
      resolve(peerId);
      connection.destroy();
    };
    connection.start({
      onData(bytes) {
        try {
          reader.push(bytes);
        } catch (thrown) {
          if (!(thrown instanceof WireError)) reject(thrown);
          end(undefined);
          return;
        }
        const theirs = reader.handshake;
        if (theirs !== undefined) end(theirs.infoHash === infoHash ? theirs.peerId : undefined);
      },
      onDrain() {},
      onClose() {
        resolve(undefined);
      },
    });
    connection.write(handshake);
  });
}
