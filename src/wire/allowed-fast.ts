import { createHash } from 'node:crypto';
import { type InfoHash, infoHashToBytes, parseIp, readUint32 } from '../util/index.ts';

/**
 * Chooses the pieces that a peer may download while it is choked, by the algorithm that all clients share. All peers of
 * one /24 network get the same pieces.
 *
 * @param host the peer's IP address
 * @param count the number of pieces to choose
 * @returns the pieces in the order of the algorithm, at most `pieceCount`; none for IPv6, for which BEP 6 has no rule
 * @see BEP 6, "Allowed Fast Set Generation"
 */
export function allowedFastSet(
  infoHash: InfoHash,
  host: string,
  pieceCount: number,
  count: number,
): number[] {
  const ip = parseIp(host);
  if (ip === undefined || ip.length !== 4) return [];
  const pieces = new Set<number>();
  const wanted = Math.min(count, pieceCount);
  let hash: Uint8Array = Uint8Array.of(ip[0]!, ip[1]!, ip[2]!, 0, ...infoHashToBytes(infoHash));
  while (pieces.size < wanted) {
    hash = createHash('sha1').update(hash).digest();
    for (let at = 0; at < hash.length && pieces.size < wanted; at += 4) {
      pieces.add(readUint32(hash, at) % pieceCount);
    }
  }
  return [...pieces];
}
