import type { CompactPeers } from '../../../tracker-protocol/index.ts';
import {
  type AddressRange,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  isInRange,
  PEER_ID_BYTES,
} from '../../../util/index.ts';
import { isPrivateAt, NETWORK_PEERS_IN_TURN, networkBytes, siteBytes } from '../peer-site.ts';
import type { SwarmQuestion } from '../swarm-store.ts';

/** The number of peers among which those nearby are looked for; in a larger swarm, they begin at a random one. */
const NEARBY_PEERS = 512;

/** The peers of one family that the server picked: address and peer id of each, one after the other. */
export interface PickedPeers {
  readonly uploaders: Buffer;
  readonly downloaders: Buffer;
}

/** Says how many peers the server is to pick. */
export function peersToPick({ numWant, near }: SwarmQuestion): number {
  return near === undefined || numWant === 0 ? numWant : Math.max(numWant, NEARBY_PEERS);
}

/**
 * Chooses the peers of a response among those that the server picked, which are more than wanted if some may be near or
 * addresses take turns.
 */
export function chooseAmong(
  ipv4: PickedPeers,
  ipv6: PickedPeers,
  isIPv6First: boolean,
  question: SwarmQuestion,
): CompactPeers {
  const { near, numWant } = question;
  const size = (picked: PickedPeers): number => picked.uploaders.length + picked.downloaders.length;
  const count =
    size(ipv4) / (COMPACT_IPV4_BYTES + PEER_ID_BYTES) + size(ipv6) / (COMPACT_IPV6_BYTES + PEER_ID_BYTES);
  if (count <= numWant) {
    return answer([ipv4.uploaders, ipv4.downloaders], [ipv6.uploaders, ipv6.downloaders], question);
  }
  const choose = (picked: PickedPeers, addressBytes: number, limit: number): Buffer[] =>
    nearFirst(picked, addressBytes, near ?? [], limit);
  if (isIPv6First) {
    const first = choose(ipv6, COMPACT_IPV6_BYTES, numWant);
    return answer(choose(ipv4, COMPACT_IPV4_BYTES, numWant - first.length), first, question);
  }
  const first = choose(ipv4, COMPACT_IPV4_BYTES, numWant);
  return answer(first, choose(ipv6, COMPACT_IPV6_BYTES, numWant - first.length), question);
}

function answer(
  ipv4: readonly Buffer[],
  ipv6: readonly Buffer[],
  { withPeerIds }: SwarmQuestion,
): CompactPeers {
  return {
    ipv4: column(ipv4, COMPACT_IPV4_BYTES, 0, COMPACT_IPV4_BYTES),
    ipv6: column(ipv6, COMPACT_IPV6_BYTES, 0, COMPACT_IPV6_BYTES),
    ...(withPeerIds && {
      peerIds: Buffer.concat([
        column(ipv4, COMPACT_IPV4_BYTES, COMPACT_IPV4_BYTES, PEER_ID_BYTES),
        column(ipv6, COMPACT_IPV6_BYTES, COMPACT_IPV6_BYTES, PEER_ID_BYTES),
      ]),
    }),
  };
}

/** Takes peers nearby first, and then of the others half uploaders if there are as many; addresses take turns in both. */
function nearFirst(
  { uploaders, downloaders }: PickedPeers,
  addressBytes: number,
  ranges: readonly AddressRange[],
  limit: number,
): Buffer[] {
  const family = ranges.filter(({ prefix }) => prefix.length === addressBytes - 2);
  const isNear = (record: Buffer): boolean => family.some((range) => isInRange(record, 0, range));
  const [up, down] = [split(uploaders, addressBytes), split(downloaders, addressBytes)];
  const near = inTurns([...up, ...down].filter(isNear), addressBytes).slice(0, limit);
  const far = (peers: readonly Buffer[]): Buffer[] =>
    inTurns(
      peers.filter((peer) => !isNear(peer)),
      addressBytes,
    );
  const [farUp, farDown] = [far(up), far(down)];
  const room = limit - near.length;
  const half = Math.min(farUp.length, Math.max(Math.ceil(room / 2), room - farDown.length));
  return [...near, ...farUp.slice(0, half), ...farDown.slice(0, room - half)];
}

/**
 * Orders peers so that the second peer of an address comes after the first of all others, and many peers of one network
 * after some of all other networks, as {@link AddressTurns} of the store in memory does.
 */
function inTurns(peers: readonly Buffer[], addressBytes: number): Buffer[] {
  const counts = new Map<string, number>();
  const rankOf = (peer: Buffer, bytes: number): number => {
    const prefix = peer.toString('latin1', 0, bytes);
    const rank = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, rank);
    return rank;
  };
  const turns: Buffer[][] = [];
  for (const peer of peers) {
    let turn = rankOf(peer, siteBytes(peer, 0, addressBytes));
    if (!isPrivateAt(peer, 0, addressBytes)) {
      turn = Math.max(turn, Math.ceil(rankOf(peer, networkBytes(addressBytes)) / NETWORK_PEERS_IN_TURN));
    }
    (turns[turn] ??= []).push(peer);
  }
  return turns.flat();
}

function split(records: Buffer, addressBytes: number): Buffer[] {
  const size = addressBytes + PEER_ID_BYTES;
  return Array.from({ length: records.length / size }, (_, at) =>
    records.subarray(at * size, (at + 1) * size),
  );
}

/** Copies the same part of each record into one array. */
function column(parts: readonly Buffer[], addressBytes: number, from: number, length: number): Buffer {
  const size = addressBytes + PEER_ID_BYTES;
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes === 0) return NO_BYTES;
  const joined = Buffer.allocUnsafe((bytes / size) * length);
  let end = 0;
  for (const part of parts) {
    for (let at = from; at < part.length; at += size) end += part.copy(joined, end, at, at + length);
  }
  return joined;
}

const NO_BYTES = Buffer.alloc(0);
