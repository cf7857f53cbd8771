import { infoHashFromBytes, infoHashToBytes, PEER_ID_BYTES } from '../util/index.ts';
import type { AnnounceEvent, AnnounceRequest } from './announce.ts';
import {
  COMPACT,
  DOWNLOADED,
  EVENT,
  INFO_HASH,
  IP,
  KEY,
  LEFT,
  NO_PEER_ID,
  NUM_WANT,
  PEER_ID,
  PORT,
  TRACKER_ID,
  UPLOADED,
} from './announce-keys.ts';
import { AnnounceValues, badNumber } from './announce-values.ts';
import { escapeBytes, escapeText, TrackerRequestError } from './query.ts';
import type { Writable } from './writable.ts';

/**
 * Writes an announce as the query of a URL, without the `?`.
 *
 * `key` and `trackerId` are texts of one character a byte.
 *
 * @see BEP 3, BEP 7, BEP 23
 */
export function encodeAnnounceQuery(request: AnnounceRequest): string {
  let query = `info_hash=${escapeBytes(infoHashToBytes(request.infoHash))}&peer_id=${escapeBytes(request.peerId)}`;
  query += `&port=${request.port}&uploaded=${request.uploaded}&downloaded=${request.downloaded}`;
  query += `&left=${request.left}&compact=${request.compact ? 1 : 0}`;
  if (request.noPeerId) query += '&no_peer_id=1';
  if (request.event !== 'none') query += `&event=${request.event}`;
  if (request.numWant !== undefined) query += `&numwant=${request.numWant}`;
  if (request.key !== undefined) query += `&key=${escapeText(request.key)}`;
  if (request.trackerId !== undefined) query += `&trackerid=${escapeText(request.trackerId)}`;
  if (request.ip !== undefined) query += `&ip=${escapeText(request.ip)}`;
  return query;
}

/**
 * Reads the query of an announce.
 *
 * `info_hash`, `peer_id`, `port` and `left` are required; no key may be there twice; keys that no BEP defines are ignored.
 * Numbers above 2^53 - 1 are read as that, because clients that do not know yet how much is left send 2^63 - 1. An unknown
 * event is read as none, so that the peer is not lost. A negative `numwant` means the tracker's default.
 *
 * @param query the part of the URL after `?`, still escaped
 * @throws {TrackerRequestError}
 * @see BEP 3, BEP 7, BEP 21, BEP 23
 */
export function parseAnnounceQuery(query: Uint8Array): AnnounceRequest {
  values.read(query);
  values.into(INFO_HASH, scratch);
  const infoHash = infoHashFromBytes(scratch);
  const peerId = new Uint8Array(PEER_ID_BYTES);
  values.into(PEER_ID, peerId);
  const event = readEvent();
  const request: Writable<AnnounceRequest> = {
    infoHash,
    peerId,
    port: readPort(event),
    uploaded: values.count(UPLOADED) ?? 0,
    downloaded: values.count(DOWNLOADED) ?? 0,
    left: readLeft(),
    event,
    compact: !values.is(COMPACT, ZERO),
    noPeerId: values.has(NO_PEER_ID) && !values.is(NO_PEER_ID, ZERO),
  };
  const ip = values.text(IP);
  const key = values.text(KEY);
  const trackerId = values.text(TRACKER_ID);
  const numWant = values.positive(NUM_WANT);
  if (numWant !== undefined) request.numWant = numWant;
  if (ip !== undefined) request.ip = ip;
  if (key !== undefined) request.key = key;
  if (trackerId !== undefined) request.trackerId = trackerId;
  return request;
}

/** The values of the announce that is being read. The object is used for each announce. */
const values = new AnnounceValues();
/** The memory for the bytes of an info-hash between its escapes and its hex digits. */
const scratch = Buffer.alloc(20);
const ZERO = Buffer.from('0');
const EVENTS = (['started', 'completed', 'stopped', 'paused'] as const).map((event) => ({
  event,
  bytes: Buffer.from(event),
}));

function readEvent(): AnnounceEvent {
  if (values.has(EVENT)) {
    for (const { event, bytes } of EVENTS) if (values.is(EVENT, bytes)) return event;
  }
  return 'none';
}

function readPort(event: AnnounceEvent): number {
  values.need(PORT);
  const port = values.count(PORT)!;
  if (port > 65_535) throw badNumber(PORT, String(port));
  if (port === 0 && event !== 'stopped') {
    throw new TrackerRequestError('BAD_VALUE', 'port must be 1 to 65535, found 0: nobody can connect there');
  }
  return port;
}

function readLeft(): number {
  values.need(LEFT);
  return values.count(LEFT)!;
}
