import { createHash } from 'node:crypto';
import { formatIp, INFO_HASH_BYTES, type InfoHash, infoHashToBytes, parseIp } from '../util/index.ts';
import type { AnnounceEvent, AnnounceRequest } from './announce.ts';
import { TrackerRequestError } from './query.ts';
import type { ScrapeRequest } from './scrape.ts';
import {
  CONNECTION_ID_BYTES,
  MAX_UDP_SCRAPE_INFO_HASHES,
  UDP_ACTION,
  UDP_ANNOUNCE_BYTES,
  UDP_EVENTS,
  UDP_PROTOCOL_ID,
  UDP_REQUEST_HEAD_BYTES,
} from './udp-format.ts';
import { decodeUrlData, encodeUrlData } from './udp-options.ts';
import type { Writable } from './writable.ts';

/** The ids by which a request reaches the tracker and its response is recognised. */
export interface UdpRequestHead {
  /** The connection id of a connect response, 8 bytes. */
  readonly connectionId: Uint8Array;
  /** A random number of 32 bits, so that only a host that sees the request can answer it. */
  readonly transactionId: number;
}

/** An announce in a packet. */
export interface UdpAnnounce {
  readonly request: AnnounceRequest;
  /** The path and query of the announce URL, one character a byte; empty when the client does not send it. @see BEP 41 */
  readonly urlData: string;
}

/** Writes the request for a connection id. @see BEP 15 */
export function encodeUdpConnect(transactionId: number): Buffer {
  const packet = Buffer.alloc(UDP_REQUEST_HEAD_BYTES);
  packet.writeUInt32BE(UDP_PROTOCOL_ID.high, 0);
  packet.writeUInt32BE(UDP_PROTOCOL_ID.low, 4);
  packet.writeUInt32BE(UDP_ACTION.connect, 8);
  packet.writeUInt32BE(transactionId, 12);
  return packet;
}

/** Says whether a packet of at least 16 bytes, whose action is connect, starts with the right number. */
export function isUdpConnect(packet: Buffer): boolean {
  return packet.readUInt32BE(0) === UDP_PROTOCOL_ID.high && packet.readUInt32BE(4) === UDP_PROTOCOL_ID.low;
}

/**
 * Writes an announce. The protocol has 32 bits for the key. A `key` of 8 hex digits is sent as that number, as other clients
 * write their keys over HTTP; for any other text, a digest is sent. `ip` is sent only if it is IPv4. There is no field for
 * `trackerId`, `compact` and `noPeerId`.
 *
 * @param urlData the path and query of the announce URL, one character for each byte
 * @see BEP 15, BEP 41
 */
export function encodeUdpAnnounce(head: UdpRequestHead, request: AnnounceRequest, urlData: string): Buffer {
  const packet = Buffer.alloc(UDP_ANNOUNCE_BYTES);
  writeHead(packet, head, UDP_ACTION.announce);
  packet.set(infoHashToBytes(request.infoHash), 16);
  packet.set(request.peerId, 36);
  packet.writeBigUInt64BE(BigInt(request.downloaded), 56);
  packet.writeBigUInt64BE(BigInt(request.left), 64);
  packet.writeBigUInt64BE(BigInt(request.uploaded), 72);
  packet.writeUInt32BE(UDP_EVENTS.indexOf(request.event), 80);
  const ip = parseIp(request.ip ?? '');
  if (ip?.length === 4) packet.set(ip, 84);
  if (request.key !== undefined) packet.set(keyBytes(request.key), 88);
  packet.writeInt32BE(Math.min(request.numWant ?? -1, 0x7fff_ffff), 92);
  packet.writeUInt16BE(request.port, 96);
  return urlData === '' ? packet : Buffer.concat([packet, encodeUrlData(urlData)]);
}

/**
 * Reads an announce. Numbers above 2^53 - 1 are read as that, an unknown event as none, a negative `numWant` as the
 * tracker's default, an address or a key of 0 as not given; a key is given as 8 hex digits.
 *
 * @param packet the packet, of which the `peerId` of the result is a view
 * @throws {TrackerRequestError} too short, port 0 in an announce that is not for stopping, a cut-off option
 * @see BEP 15, BEP 21, BEP 41
 */
export function decodeUdpAnnounce(packet: Buffer): UdpAnnounce {
  if (packet.length < UDP_ANNOUNCE_BYTES) {
    throw new TrackerRequestError(
      'BAD_VALUE',
      `An announce has at least ${UDP_ANNOUNCE_BYTES} bytes, found ${packet.length}`,
    );
  }
  const event: AnnounceEvent = UDP_EVENTS[packet.readUInt32BE(80)] ?? 'none';
  const port = packet.readUInt16BE(96);
  if (port === 0 && event !== 'stopped') {
    throw new TrackerRequestError('BAD_VALUE', 'port must be 1 to 65535, found 0: nobody can connect there');
  }
  const request: Writable<AnnounceRequest> = {
    infoHash: readInfoHash(packet, 16),
    peerId: packet.subarray(36, 56),
    port,
    uploaded: readCount(packet, 72),
    downloaded: readCount(packet, 56),
    left: readCount(packet, 64),
    event,
    compact: true,
    noPeerId: true,
  };
  const numWant = packet.readInt32BE(92);
  if (numWant >= 0) request.numWant = numWant;
  if (packet.readUInt32BE(84) !== 0) request.ip = formatIp(packet.subarray(84, 88));
  if (packet.readUInt32BE(88) !== 0) request.key = packet.toString('hex', 88, 92);
  return {
    request,
    urlData: packet.length === UDP_ANNOUNCE_BYTES ? '' : decodeUrlData(packet, UDP_ANNOUNCE_BYTES),
  };
}

/** Writes a scrape. @param infoHashes at most {@link MAX_UDP_SCRAPE_INFO_HASHES} @see BEP 15 */
export function encodeUdpScrape(head: UdpRequestHead, { infoHashes }: ScrapeRequest): Buffer {
  const packet = Buffer.alloc(UDP_REQUEST_HEAD_BYTES + infoHashes.length * INFO_HASH_BYTES);
  writeHead(packet, head, UDP_ACTION.scrape);
  for (const [at, infoHash] of infoHashes.entries()) {
    packet.set(infoHashToBytes(infoHash), UDP_REQUEST_HEAD_BYTES + at * INFO_HASH_BYTES);
  }
  return packet;
}

/**
 * Reads a scrape. If it has more than {@link MAX_UDP_SCRAPE_INFO_HASHES} info-hashes, only those first ones are taken:
 * entries of the response are in the same order, so the client sees which are missing.
 *
 * @returns the info-hashes in their order; one may be there several times
 * @throws {TrackerRequestError} none at all, or a part of one
 * @see BEP 15
 */
export function decodeUdpScrape(packet: Buffer): ScrapeRequest {
  const bytes = packet.length - UDP_REQUEST_HEAD_BYTES;
  if (bytes <= 0 || bytes % INFO_HASH_BYTES !== 0) {
    throw new TrackerRequestError(
      'BAD_VALUE',
      `A scrape needs whole info-hashes, found ${bytes} bytes of them`,
    );
  }
  const count = Math.min(bytes / INFO_HASH_BYTES, MAX_UDP_SCRAPE_INFO_HASHES);
  return {
    infoHashes: Array.from({ length: count }, (_, at) =>
      readInfoHash(packet, UDP_REQUEST_HEAD_BYTES + at * INFO_HASH_BYTES),
    ),
  };
}

function writeHead(packet: Buffer, { connectionId, transactionId }: UdpRequestHead, action: number): void {
  packet.set(connectionId.subarray(0, CONNECTION_ID_BYTES), 0);
  packet.writeUInt32BE(action, 8);
  packet.writeUInt32BE(transactionId, 12);
}

function keyBytes(key: string): Uint8Array {
  if (/^[0-9a-f]{8}$/i.test(key)) return Buffer.from(key, 'hex');
  return createHash('sha1').update(key, 'latin1').digest().subarray(0, 4);
}

function readInfoHash(packet: Buffer, at: number): InfoHash {
  return packet.toString('hex', at, at + INFO_HASH_BYTES) as InfoHash;
}

/** Reads 64 bits; a number above 2^53 - 1 is read as that. */
function readCount(packet: Buffer, at: number): number {
  const high = packet.readUInt32BE(at);
  return high > 0x1f_ffff ? Number.MAX_SAFE_INTEGER : high * 0x1_0000_0000 + packet.readUInt32BE(at + 4);
}
