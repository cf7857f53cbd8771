import { infoHashFromBytes, infoHashToBytes } from '../util/index.ts';
import type { AnnounceEvent, AnnounceRequest } from './announce.ts';
import {
  escapeBytes,
  escapeText,
  forEachPair,
  TrackerRequestError,
  unescape20Bytes,
  unescapeText,
} from './query.ts';
import type { Writable } from './writable.ts';

/** Characters of `ip`, `key` or `trackerid`: more than anyone has a use for. */
export const MAX_ANNOUNCE_TEXT = 255;

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
 * `info_hash`, `peer_id`, `port` and `left` must be there; nothing may be there twice; keys of no BEP are passed over.
 * Numbers above 2^53 - 1 are read as that: clients that do not know yet how much is left send 2^63 - 1. An event nobody
 * knows is read as none, for a peer is not to be lost over it. A negative `numwant` means the tracker's default.
 *
 * @param query what stands after `?`, one character a byte, still escaped
 * @throws {TrackerRequestError}
 * @see BEP 3, BEP 7, BEP 21, BEP 23
 */
export function parseAnnounceQuery(query: string): AnnounceRequest {
  const found = findKeys(query);
  unescape20Bytes('info_hash', required('info_hash', found.info_hash), scratch);
  const infoHash = infoHashFromBytes(scratch);
  const peerId = new Uint8Array(20);
  unescape20Bytes('peer_id', required('peer_id', found.peer_id), peerId);
  const event = readEvent(found.event);
  const request: Writable<AnnounceRequest> = {
    infoHash,
    peerId,
    port: readPort(required('port', found.port), event),
    uploaded: readCount('uploaded', found.uploaded ?? '0'),
    downloaded: readCount('downloaded', found.downloaded ?? '0'),
    left: readCount('left', required('left', found.left)),
    event,
    compact: found.compact !== '0',
    noPeerId: found.no_peer_id !== undefined && found.no_peer_id !== '0',
  };
  const ip = readText('ip', found.ip);
  const key = readText('key', found.key);
  const trackerId = readText('trackerid', found.trackerid);
  const numWant = readNumWant(found.numwant);
  if (numWant !== undefined) request.numWant = numWant;
  if (ip !== undefined) request.ip = ip;
  if (key !== undefined) request.key = key;
  if (trackerId !== undefined) request.trackerId = trackerId;
  return request;
}

/** What stands in a query, still escaped. */
type FoundKeys = { -readonly [Key in keyof typeof NOTHING_FOUND]: string | undefined };

const NOTHING_FOUND = {
  info_hash: undefined,
  peer_id: undefined,
  port: undefined,
  uploaded: undefined,
  downloaded: undefined,
  left: undefined,
  event: undefined,
  numwant: undefined,
  compact: undefined,
  no_peer_id: undefined,
  ip: undefined,
  key: undefined,
  trackerid: undefined,
} as const;

function findKeys(query: string): FoundKeys {
  const found: FoundKeys = { ...NOTHING_FOUND };
  forEachPair(query, (key, escaped) => {
    const known = announceKey(key);
    if (known === undefined) return;
    if (found[known] !== undefined) {
      throw new TrackerRequestError('DUPLICATE_KEY', `An announce takes ${known} once, found it twice`);
    }
    found[known] = escaped;
  });
  return found;
}

/** The constant for a key: looking up a text that was just cut out of a query costs ten times as much. */
function announceKey(key: string): keyof FoundKeys | undefined {
  switch (key) {
    case 'info_hash':
      return 'info_hash';
    case 'peer_id':
      return 'peer_id';
    case 'port':
      return 'port';
    case 'uploaded':
      return 'uploaded';
    case 'downloaded':
      return 'downloaded';
    case 'left':
      return 'left';
    case 'event':
      return 'event';
    case 'numwant':
      return 'numwant';
    case 'compact':
      return 'compact';
    case 'no_peer_id':
      return 'no_peer_id';
    case 'ip':
      return 'ip';
    case 'key':
      return 'key';
    case 'trackerid':
      return 'trackerid';
    default:
      return undefined;
  }
}

/** The bytes of an info-hash on their way from escapes to hex digits; never kept. */
const scratch = Buffer.alloc(20);

function required(key: string, escaped: string | undefined): string {
  if (escaped === undefined)
    throw new TrackerRequestError('MISSING_KEY', `An announce needs ${key}, found none`);
  return escaped;
}

function readCount(key: string, escaped: string): number {
  const value = decimal(escaped);
  if (value !== undefined) return value;
  const text = unescapeText(key, escaped);
  const unescaped = text === escaped ? undefined : decimal(text);
  if (unescaped === undefined) throw badNumber(key, text);
  return unescaped;
}

/** A number of 1 to {@link MAX_DIGITS} digits, at most 2^53 - 1; `undefined` for anything else. */
function decimal(text: string): number | undefined {
  if (text.length === 0 || text.length > MAX_DIGITS) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

const DIGIT_0 = 0x30;
/** Of 2^64. */
const MAX_DIGITS = 20;

function readPort(escaped: string, event: AnnounceEvent): number {
  const port = readCount('port', escaped);
  if (port > 65_535) throw badNumber('port', escaped);
  if (port === 0 && event !== 'stopped') {
    throw new TrackerRequestError('BAD_VALUE', 'port must be 1 to 65535, found 0: nobody can connect there');
  }
  return port;
}

function readNumWant(escaped: string | undefined): number | undefined {
  if (escaped === undefined || /^-\d{1,20}$/.test(escaped)) return undefined;
  return readCount('numwant', escaped);
}

function readEvent(escaped: string | undefined): AnnounceEvent {
  switch (escaped) {
    case 'started':
    case 'completed':
    case 'stopped':
    case 'paused':
      return escaped;
    default:
      return 'none';
  }
}

function readText(key: string, escaped: string | undefined): string | undefined {
  if (escaped === undefined || escaped === '') return undefined;
  const text = unescapeText(key, escaped);
  if (text.length <= MAX_ANNOUNCE_TEXT) return text;
  throw new TrackerRequestError(
    'BAD_VALUE',
    `${key} may have ${MAX_ANNOUNCE_TEXT} bytes, found ${text.length}`,
  );
}

function badNumber(key: string, text: string): TrackerRequestError {
  return new TrackerRequestError('BAD_VALUE', `${key} is not a number in range: found "${printable(text)}"`);
}

/** What a failure reason may quote of a query: short, and nothing that does things to a terminal. */
function printable(text: string): string {
  return text.slice(0, 24).replaceAll(/[^ -~]/g, '?');
}
