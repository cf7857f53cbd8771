import { COMPACT_IPV4_BYTES, COMPACT_IPV6_BYTES, decodeCompactAddresses } from '../util/index.ts';
import type { AnnounceResponse, CompactAnnounceResponse, TrackerFailure } from './announce.ts';
import type { ScrapeEntry } from './scrape.ts';
import { readMessage, TrackerResponseError } from './tracker-response.ts';
import {
  CONNECTION_ID_BYTES,
  MAX_UDP_RESPONSE_BYTES,
  UDP_ACTION,
  UDP_RESPONSE_HEAD_BYTES,
} from './udp-format.ts';

/** The number of bytes of an announce response before its peers. */
const ANNOUNCE_RESPONSE_BYTES = 20;
/** The number of bytes of an entry: seeders, completed downloads, leechers. */
const SCRAPE_ENTRY_BYTES = 12;
const CONNECT_RESPONSE_BYTES = UDP_RESPONSE_HEAD_BYTES + CONNECTION_ID_BYTES;

/** The address family by which a packet came, which decides the length of the addresses in it. @see BEP 15 */
export type IpFamily = 4 | 6;

/** A response of a tracker. */
export type UdpResponse =
  | { readonly action: 'connect'; readonly connectionId: Uint8Array }
  | { readonly action: 'announce'; readonly response: AnnounceResponse }
  | { readonly action: 'scrape'; readonly entries: readonly ScrapeEntry[] }
  | { readonly action: 'error'; readonly failure: TrackerFailure };

/**
 * Writes the head of a response to a connect request; the caller writes the connection id after it.
 *
 * @param target at least {@link MAX_UDP_RESPONSE_BYTES}, as for all writers of this file
 * @returns the length of the whole response
 * @see BEP 15
 */
export function writeUdpConnectResponse(target: Buffer, transactionId: number): number {
  writeHead(target, UDP_ACTION.connect, transactionId);
  return CONNECT_RESPONSE_BYTES;
}

/**
 * Writes a response to an announce, with as many peers of one family as there is room for.
 *
 * @returns its length in bytes
 * @see BEP 15
 */
export function writeUdpAnnounceResponse(
  target: Buffer,
  transactionId: number,
  { interval, incomplete, complete, peers }: CompactAnnounceResponse,
  family: IpFamily,
): number {
  writeHead(target, UDP_ACTION.announce, transactionId);
  target.writeUInt32BE(interval, 8);
  target.writeUInt32BE(incomplete ?? 0, 12);
  target.writeUInt32BE(complete ?? 0, 16);
  const [addresses, size] =
    family === 4 ? [peers.ipv4, COMPACT_IPV4_BYTES] : [peers.ipv6, COMPACT_IPV6_BYTES];
  const room = MAX_UDP_RESPONSE_BYTES - ANNOUNCE_RESPONSE_BYTES;
  const length = Math.min(addresses.length, room - (room % size));
  target.set(
    length === addresses.length ? addresses : addresses.subarray(0, length),
    ANNOUNCE_RESPONSE_BYTES,
  );
  return ANNOUNCE_RESPONSE_BYTES + length;
}

/**
 * Writes a response to a scrape.
 *
 * @param entries the entries in the order of the request, at most `MAX_UDP_SCRAPE_INFO_HASHES`
 * @returns its length in bytes
 * @see BEP 15
 */
export function writeUdpScrapeResponse(
  target: Buffer,
  transactionId: number,
  entries: readonly ScrapeEntry[],
): number {
  writeHead(target, UDP_ACTION.scrape, transactionId);
  let at = UDP_RESPONSE_HEAD_BYTES;
  for (const { complete, downloaded, incomplete } of entries) {
    target.writeUInt32BE(complete, at);
    target.writeUInt32BE(downloaded, at + 4);
    target.writeUInt32BE(incomplete, at + 8);
    at += SCRAPE_ENTRY_BYTES;
  }
  return at;
}

/** Writes a refusal, cut if there is too little room for it. @returns its length in bytes @see BEP 15 */
export function writeUdpError(target: Buffer, transactionId: number, message: string): number {
  writeHead(target, UDP_ACTION.error, transactionId);
  const room = MAX_UDP_RESPONSE_BYTES - UDP_RESPONSE_HEAD_BYTES;
  return UDP_RESPONSE_HEAD_BYTES + target.write(message, UDP_RESPONSE_HEAD_BYTES, room);
}

/** Reads the transaction id of a response; `undefined` when the packet is too short to be one. */
export function udpTransactionId(packet: Buffer): number | undefined {
  return packet.length < UDP_RESPONSE_HEAD_BYTES ? undefined : packet.readUInt32BE(4);
}

/**
 * Reads a response. Bytes after a connection id are ignored, as is an incomplete address or entry at the end.
 *
 * @param packet at least 8 bytes
 * @throws {TrackerResponseError} NOT_A_RESPONSE: too short, or of an unknown action
 * @see BEP 15
 */
export function decodeUdpResponse(packet: Buffer, family: IpFamily): UdpResponse {
  const action = packet.readUInt32BE(0);
  switch (action) {
    case UDP_ACTION.connect:
      checkLength(packet, CONNECT_RESPONSE_BYTES, 'connect');
      return {
        action: 'connect',
        connectionId: Uint8Array.from(packet.subarray(UDP_RESPONSE_HEAD_BYTES, CONNECT_RESPONSE_BYTES)),
      };
    case UDP_ACTION.announce:
      checkLength(packet, ANNOUNCE_RESPONSE_BYTES, 'announce');
      return { action: 'announce', response: readAnnounce(packet, family) };
    case UDP_ACTION.scrape:
      return { action: 'scrape', entries: readEntries(packet) };
    case UDP_ACTION.error:
      return {
        action: 'error',
        failure: { failureReason: readMessage(packet.subarray(UDP_RESPONSE_HEAD_BYTES)) },
      };
    default:
      throw new TrackerResponseError(
        'NOT_A_RESPONSE',
        `Cannot read the tracker's answer: action ${action} is not known`,
      );
  }
}

function writeHead(target: Buffer, action: number, transactionId: number): void {
  target.writeUInt32BE(action, 0);
  target.writeUInt32BE(transactionId, 4);
}

function checkLength(packet: Buffer, length: number, kind: string): void {
  if (packet.length >= length) return;
  throw new TrackerResponseError(
    'NOT_A_RESPONSE',
    `Cannot read the ${kind} response: expected ${length} bytes, found ${packet.length}`,
  );
}

function readAnnounce(packet: Buffer, family: IpFamily): AnnounceResponse {
  const size = family === 4 ? COMPACT_IPV4_BYTES : COMPACT_IPV6_BYTES;
  const length = packet.length - ANNOUNCE_RESPONSE_BYTES;
  const peers = packet.subarray(ANNOUNCE_RESPONSE_BYTES, packet.length - (length % size));
  return {
    interval: packet.readUInt32BE(8),
    incomplete: packet.readUInt32BE(12),
    complete: packet.readUInt32BE(16),
    peers: decodeCompactAddresses(peers, size)!,
  };
}

function readEntries(packet: Buffer): ScrapeEntry[] {
  const count = Math.floor((packet.length - UDP_RESPONSE_HEAD_BYTES) / SCRAPE_ENTRY_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const at = UDP_RESPONSE_HEAD_BYTES + index * SCRAPE_ENTRY_BYTES;
    return {
      complete: packet.readUInt32BE(at),
      downloaded: packet.readUInt32BE(at + 4),
      incomplete: packet.readUInt32BE(at + 8),
    };
  });
}
