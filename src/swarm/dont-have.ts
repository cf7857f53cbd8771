import { DONT_HAVE, DONT_HAVE_BYTES, decodeDontHave, ExtendedId } from '../extension/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerExtension } from './peer-extensions.ts';

/**
 * Makes the extension by which a peer says that it has lost a piece. Shoal loses none, and so sends no such message.
 *
 * @param onLost hears of each piece that a peer had and lost
 * @see BEP 54
 */
export function dontHave(onLost: (peer: PeerConnection, index: number) => void): PeerExtension {
  return {
    name: DONT_HAVE,
    id: ExtendedId.dontHave,
    maxBytes: DONT_HAVE_BYTES,
    onMessage(peer, payload) {
      const index = decodeDontHave(payload);
      if (peer.session.loses(index)) onLost(peer, index);
    },
  };
}
