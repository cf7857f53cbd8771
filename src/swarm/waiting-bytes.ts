import type { OriginKey } from './origin.ts';

/** The bytes that may wait for all peers of one address, over IPv6 of one /48. Beyond, those that take none are disconnected. */
export const MAX_ADDRESS_WAITING_BYTES = 32 * 1024 * 1024;
/** The bytes that may wait for all peers of a session. Beyond, those that take none are disconnected. */
export const MAX_SESSION_WAITING_BYTES = 128 * 1024 * 1024;
/** The number of times that both limits must be exceeded before peers that take their bytes slowly are disconnected too. */
const HARD_FACTOR = 4;

/** The port to a peer: the part that is needed to count the bytes that wait for it. */
export interface WaitingPeer {
  /** The key of its origin that budgets are counted by, see {@link Origin.budgetKey}. */
  readonly origin: OriginKey;
  /** The bytes of memory that wait for it. */
  readonly waitingBytes: number;
  /** Tells whether it has taken none of them for some time. */
  isBehind(now: number): boolean;
}

/** The peers of one address, and the bytes that wait for them. */
interface Account<P> {
  bytes: number;
  readonly peers: P[];
}

/**
 * Finds the peers to disconnect so that the bytes that wait are within the limits of each address and of the session. Peers
 * that take none of their bytes are found first; others only when very many bytes wait. Among them come first those of the
 * address for which most bytes wait, and there those for which most bytes wait.
 */
export function peersToCut<P extends WaitingPeer>(peers: Iterable<P>, now: number): P[] {
  const accounts = new Map<OriginKey, Account<P>>();
  let total = 0;
  for (const peer of peers) {
    const { origin, waitingBytes } = peer;
    if (waitingBytes === 0) continue;
    const account = accounts.get(origin) ?? { bytes: 0, peers: [] };
    accounts.set(origin, account);
    account.bytes += waitingBytes;
    account.peers.push(peer);
    total += waitingBytes;
  }
  const cut = new Set<P>();
  const cutSome = (factor: number, mayCut: (peer: P) => boolean) => {
    const isEnough = ({ bytes }: Account<P>) =>
      bytes <= factor * MAX_ADDRESS_WAITING_BYTES && total <= factor * MAX_SESSION_WAITING_BYTES;
    for (const account of [...accounts.values()].sort((a, b) => b.bytes - a.bytes)) {
      if (isEnough(account)) continue;
      const candidates = account.peers.filter((peer) => !cut.has(peer) && mayCut(peer));
      for (const peer of candidates.sort((a, b) => b.waitingBytes - a.waitingBytes)) {
        if (isEnough(account)) break;
        account.bytes -= peer.waitingBytes;
        total -= peer.waitingBytes;
        cut.add(peer);
      }
    }
  };
  cutSome(1, (peer) => peer.isBehind(now));
  cutSome(HARD_FACTOR, () => true);
  return [...cut];
}
