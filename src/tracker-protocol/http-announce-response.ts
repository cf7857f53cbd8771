import { BencodeDictionary, type BencodeValue } from '../bencode/index.ts';
import {
  type Address,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  canonicalIp,
  decodeCompactAddresses,
  formatIp,
  PEER_ID_BYTES,
} from '../util/index.ts';
import type {
  AnnouncedPeer,
  AnnounceResponse,
  CompactAnnounceResponse,
  CompactPeers,
  NamedPeer,
  TrackerFailure,
} from './announce.ts';
import { BencodeWriter } from './bencode-writer.ts';
import type { ResponseMemory } from './response-memory.ts';
import { decodeTrackerResponse, readCount, readMessage, TrackerResponseError } from './tracker-response.ts';

/** The most bytes of an announce response that a client reads: 2,000 peers in the dictionary form with long names. */
export const MAX_ANNOUNCE_RESPONSE_BYTES = 1024 * 1024;
/** The most peers that a client takes out of one response; the rest is ignored. */
export const MAX_PEERS_IN_RESPONSE = 2000;
/** The most peers with a host name in place of an address that a client takes out of one response. */
export const MAX_NAMED_PEERS = 16;
/** The seconds between announces when a tracker does not say. */
export const DEFAULT_INTERVAL = 1800;

/** The most bytes around the peers: keys, five integers, an address. */
const FRAME_BYTES = 256;
/** The most bytes of an entry of the dictionary form: keys, an IPv6 address as text, port, peer id. */
const DICTIONARY_PEER_BYTES = 100;

/**
 * Writes a response. `peers` is always there, because clients refuse a response without it; `peers6` only if there are any.
 *
 * @param form `compact` (BEP 23, BEP 7), or `dictionary` (BEP 3), where both families are one list and peer ids are there if
 * `response.peers` has them
 * @param memory the memory for the response, by default its own
 * @returns the response behind the memory's room
 * @see BEP 3, BEP 24
 */
export function encodeAnnounceResponse(
  response: CompactAnnounceResponse,
  form: 'compact' | 'dictionary',
  memory?: ResponseMemory,
): Uint8Array {
  const { peers, complete, incomplete, minInterval, externalIp } = response;
  const trackerId = response.trackerId === undefined ? undefined : Buffer.from(response.trackerId, 'latin1');
  const warning = response.warningMessage === undefined ? undefined : Buffer.from(response.warningMessage);
  const writer = new BencodeWriter(
    FRAME_BYTES +
      (trackerId?.length ?? 0) +
      (warning?.length ?? 0) +
      (form === 'compact'
        ? peers.ipv4.length + peers.ipv6.length
        : countPeers(peers) * DICTIONARY_PEER_BYTES),
    memory,
  );
  writer.literal('d');
  if (complete !== undefined) writer.entry('8:complete', complete);
  if (externalIp !== undefined) {
    writer.literal('11:external ip');
    writer.string(externalIp);
  }
  if (incomplete !== undefined) writer.entry('10:incomplete', incomplete);
  writer.entry('8:interval', response.interval);
  if (minInterval !== undefined) writer.entry('12:min interval', minInterval);
  writer.literal('5:peers');
  if (form === 'dictionary') writePeerList(writer, peers);
  else {
    writer.string(peers.ipv4);
    if (peers.ipv6.length > 0) {
      writer.literal('6:peers6');
      writer.string(peers.ipv6);
    }
  }
  if (trackerId !== undefined) {
    writer.literal('10:tracker id');
    writer.string(trackerId);
  }
  if (warning !== undefined) {
    writer.literal('15:warning message');
    writer.string(warning);
  }
  writer.literal('e');
  return writer.finish();
}

/**
 * Writes a refusal.
 *
 * @param memory the memory for the response, by default its own
 * @returns the refusal behind the memory's room
 * @see BEP 3 `failure reason`, BEP 31
 */
export function encodeTrackerFailure(
  { failureReason, retryIn, interval }: TrackerFailure,
  memory?: ResponseMemory,
): Uint8Array {
  const reason = Buffer.from(failureReason);
  const writer = new BencodeWriter(FRAME_BYTES + reason.length, memory);
  writer.literal('d14:failure reason');
  writer.string(reason);
  if (interval !== undefined) writer.entry('8:interval', interval);
  if (retryIn === 'never') writer.literal('8:retry in5:never');
  else if (retryIn !== undefined) writer.entry('8:retry in', retryIn);
  writer.literal('e');
  return writer.finish();
}

/**
 * Reads the response of a tracker to an announce, in either form.
 *
 * Responses of other trackers are read as far as possible: keys in any order; `peers` missing; an `interval` that is missing
 * or a string; the whole entries of a compact list that was cut off; the good entries of a list of dictionaries. Peers with
 * a host name are given apart from the others. An `external ip` that is no address is left out. A response, or a list of
 * peers, of which nothing can be read is an error.
 *
 * @param body at most {@link MAX_ANNOUNCE_RESPONSE_BYTES}
 * @returns at most {@link MAX_PEERS_IN_RESPONSE} peers, IPv4 first, and {@link MAX_NAMED_PEERS} with names
 * @throws {TrackerResponseError}
 * @see BEP 3, BEP 7, BEP 23, BEP 24, BEP 31
 */
export function decodeAnnounceResponse(body: Uint8Array): AnnounceResponse | TrackerFailure {
  const answer = decodeTrackerResponse(body, MAX_ANNOUNCE_RESPONSE_BYTES);
  if (!(answer instanceof BencodeDictionary)) return answer;
  const minInterval = readCount(answer, 'min interval');
  const complete = readCount(answer, 'complete');
  const incomplete = readCount(answer, 'incomplete');
  const trackerId = answer.getBytes('tracker id');
  const warning = answer.getBytes('warning message');
  const externalIp = readExternalIp(answer.getBytes('external ip'));
  const { peers, namedPeers } = readPeers(answer);
  return {
    interval: readCount(answer, 'interval') ?? DEFAULT_INTERVAL,
    ...(minInterval !== undefined && { minInterval }),
    ...(complete !== undefined && { complete }),
    ...(incomplete !== undefined && { incomplete }),
    peers,
    ...(namedPeers.length > 0 && { namedPeers }),
    ...(trackerId !== undefined && { trackerId: Buffer.from(trackerId).toString('latin1') }),
    ...(warning !== undefined && { warningMessage: readMessage(warning) }),
    ...(externalIp !== undefined && { externalIp }),
  };
}

function countPeers({ ipv4, ipv6 }: CompactPeers): number {
  return ipv4.length / COMPACT_IPV4_BYTES + ipv6.length / COMPACT_IPV6_BYTES;
}

function writePeerList(writer: BencodeWriter, { ipv4, ipv6, peerIds }: CompactPeers): void {
  let index = 0;
  writer.literal('l');
  for (const [bytes, size] of [
    [ipv4, COMPACT_IPV4_BYTES],
    [ipv6, COMPACT_IPV6_BYTES],
  ] as const) {
    for (let at = 0; at < bytes.length; at += size, index += 1) {
      writer.literal('d2:ip');
      writer.string(Buffer.from(formatIp(bytes.subarray(at, at + size - 2)), 'latin1'));
      if (peerIds !== undefined) {
        writer.literal('7:peer id');
        writer.string(peerIds.subarray(index * PEER_ID_BYTES, (index + 1) * PEER_ID_BYTES));
      }
      writer.entry('4:port', (bytes[at + size - 2]! << 8) | bytes[at + size - 1]!);
      writer.literal('e');
    }
  }
  writer.literal('e');
}

function readExternalIp(bytes: Uint8Array | undefined): string | undefined {
  return bytes?.length === 4 || bytes?.length === 16 ? formatIp(bytes) : undefined;
}

/** The peers of a response: those with addresses, and those with host names. */
interface PeersByName {
  readonly peers: AnnouncedPeer[];
  readonly namedPeers: NamedPeer[];
}

function readPeers(answer: BencodeDictionary): PeersByName {
  const lists = [
    readPeersUnder('peers', answer, COMPACT_IPV4_BYTES),
    readPeersUnder('peers6', answer, COMPACT_IPV6_BYTES),
  ];
  const peers = lists.flatMap((list) => list?.peers ?? []).slice(0, MAX_PEERS_IN_RESPONSE);
  const namedPeers = lists.flatMap((list) => list?.namedPeers ?? []).slice(0, MAX_NAMED_PEERS);
  if (peers.length === 0 && namedPeers.length === 0 && lists.includes(undefined)) {
    throw new TrackerResponseError(
      'NOT_A_RESPONSE',
      'Cannot read the announce response: peers or peers6 is neither a list nor a string of whole addresses',
    );
  }
  return { peers, namedPeers };
}

/** Reads one of the two lists; `undefined` when no part of it can be read. */
function readPeersUnder(
  key: 'peers' | 'peers6',
  answer: BencodeDictionary,
  size: 6 | 18,
): PeersByName | undefined {
  const peers = answer.get(key) ?? [];
  if (Array.isArray(peers)) return readPeerList(peers);
  const compact = peers instanceof Uint8Array ? readCompact(peers, size) : undefined;
  return compact && { peers: compact, namedPeers: [] };
}

/** Reads the complete entries; `undefined` when there is none although there are bytes. */
function readCompact(bytes: Uint8Array, size: 6 | 18): Address[] | undefined {
  const count = Math.min(Math.floor(bytes.length / size), MAX_PEERS_IN_RESPONSE);
  if (count === 0 && bytes.length > 0) return undefined;
  return decodeCompactAddresses(bytes.subarray(0, size * count), size);
}

function readPeerList(list: readonly BencodeValue[]): PeersByName {
  const peers: AnnouncedPeer[] = [];
  const namedPeers: NamedPeer[] = [];
  for (const entry of list.slice(0, MAX_PEERS_IN_RESPONSE)) {
    if (!(entry instanceof BencodeDictionary)) continue;
    const name = (entry.getText('ip') ?? '').replace(/^\[(.*)\]$/, '$1');
    const port = readCount(entry, 'port') ?? 0;
    if (port < 1 || port > 65_535) continue;
    const host = canonicalIp(name);
    const peerId = entry.getBytes('peer id');
    if (host !== undefined) {
      peers.push({
        host,
        port,
        ...(peerId?.length === PEER_ID_BYTES && { peerId: Uint8Array.from(peerId) }),
      });
    } else if (name.length <= MAX_HOST_NAME && HOST_NAME.test(name)) namedPeers.push({ name, port });
  }
  return { peers, namedPeers };
}

/** The number of characters of the longest host name. @see RFC 1035 */
const MAX_HOST_NAME = 253;
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
