/** Bytes kept for all peers of one address, over IPv6 of one /48, above which those that take nothing are disconnected. */
export const MAX_ADDRESS_KEPT_BYTES = 32 * 1024 * 1024;
/** The same of all peers of a session. */
export const MAX_KEPT_BYTES = 128 * 1024 * 1024;
/** Times these above which also those are disconnected that take what waits for them, however slowly. */
const HARD_FACTOR = 4;

/** The part of a peer that is needed here. */
export interface KeptPeer {
  /** Where it comes from. */
  readonly origin: string;
  /** Bytes of memory that wait for it. */
  readonly keptBytes: number;
  /** Whether it leaves them waiting. */
  isBehind(now: number): boolean;
}

/** What is kept for the peers of one address. */
interface Account<P> {
  bytes: number;
  readonly peers: P[];
}

/**
 * Finds the peers to disconnect so that no more is kept than may be, for one address and for all: of those that take
 * nothing, and if that is not enough of all, the ones that most is kept for, of the address that most is kept for first.
 */
export function peersToCut<P extends KeptPeer>(peers: Iterable<P>, now: number): P[] {
  const byOrigin = new Map<string, Account<P>>();
  let total = 0;
  for (const peer of peers) {
    const { origin, keptBytes } = peer;
    if (keptBytes === 0) continue;
    const account = byOrigin.get(origin) ?? { bytes: 0, peers: [] };
    byOrigin.set(origin, account);
    account.bytes += keptBytes;
    account.peers.push(peer);
    total += keptBytes;
  }
  const cut = new Set<P>();
  const cutSome = (factor: number, mayCut: (peer: P) => boolean) => {
    const isEnough = ({ bytes }: Account<P>) =>
      bytes <= factor * MAX_ADDRESS_KEPT_BYTES && total <= factor * MAX_KEPT_BYTES;
    for (const account of [...byOrigin.values()].sort((a, b) => b.bytes - a.bytes)) {
      if (isEnough(account)) continue;
      const candidates = account.peers.filter((peer) => !cut.has(peer) && mayCut(peer));
      for (const peer of candidates.sort((a, b) => b.keptBytes - a.keptBytes)) {
        if (isEnough(account)) break;
        account.bytes -= peer.keptBytes;
        total -= peer.keptBytes;
        cut.add(peer);
      }
    }
  };
  cutSome(1, (peer) => peer.isBehind(now));
  cutSome(HARD_FACTOR, () => true);
  return [...cut];
}
