import { ShoalError } from '../util/index.ts';
import type { AnnounceEvent } from './announce.ts';
import { MAX_SCRAPE_INFO_HASHES } from './http-scrape.ts';

/**
 * The most bytes of a message from a WebTorrent peer: offers for as many peers as it may want, each with all its candidates.
 */
export const MAX_WS_MESSAGE_BYTES = 64 * 1024;
/** The most characters of a session description that is handed on. */
export const MAX_SDP_LENGTH = 16 * 1024;
/** The most offers of one announce that are handed on; peers send up to 10. */
export const MAX_WS_OFFERS = 20;

/** The most values of a message, as far as they can be counted before it is parsed. */
export const MAX_WS_VALUES = 2000;

/** A text of 20 characters, U+0000 to U+00FF, which stands for 20 bytes in JSON. */
export type ByteText = string;

/** An offer of a WebRTC connection, for a peer that the tracker chooses. */
export interface WsOffer {
  readonly offerId: ByteText;
  readonly sdp: string;
}

/** The announce of a WebTorrent peer, with offers for others. */
export interface WsAnnounce {
  readonly action: 'announce';
  readonly infoHash: ByteText;
  readonly peerId: ByteText;
  readonly event: AnnounceEvent;
  /** Whether the peer has nothing left to download. */
  readonly isSeeder: boolean;
  /** The offers, as many as the peer wants peers. */
  readonly offers: readonly WsOffer[];
}

/** The answer to an offer, for the peer that made it. */
export interface WsAnswer {
  readonly action: 'answer';
  readonly infoHash: ByteText;
  readonly peerId: ByteText;
  readonly toPeerId: ByteText;
  readonly offerId: ByteText;
  readonly sdp: string;
}

export interface WsScrape {
  readonly action: 'scrape';
  /** The info-hashes, each once. */
  readonly infoHashes: readonly ByteText[];
}

export type WsRequest = WsAnnounce | WsAnswer | WsScrape;

/** The error of a message that is no request. Its text is meant for the peer's user. */
export class WsRequestError extends ShoalError<
  'NOT_JSON' | 'BAD_VALUE' | 'TOO_MANY_VALUES' | 'TOO_MANY_INFO_HASHES'
> {
  /** The swarm of the message, as far as it could be read: clients ignore errors without one of their swarms. */
  infoHash: ByteText | undefined;
}

/**
 * Reads a message of a WebTorrent peer as WebTorrent's own tracker does, because there is no BEP.
 *
 * A field that is `null` counts as missing, and unknown fields are ignored. `left` is missing while a peer with a magnet
 * link does not know the size yet, and then it is no seeder. An unknown event is read as none. Only the text of session
 * descriptions is read.
 *
 * @param text the message, of at most {@link MAX_WS_MESSAGE_BYTES}
 * @throws {WsRequestError}
 */
export function parseWsRequest(text: string): WsRequest {
  const message = parseObject(text);
  try {
    switch (message['action']) {
      case 'announce':
        return isThere(message['answer']) ? readAnswer(message) : readAnnounce(message);
      case 'scrape':
        return readScrape(message);
      default:
        throw bad('action', 'be "announce" or "scrape"');
    }
  } catch (thrown) {
    const infoHash = message['info_hash'];
    if (thrown instanceof WsRequestError && isByteText(infoHash)) thrown.infoHash = infoHash;
    throw thrown;
  }
}

/** A JSON object with unknown fields. */
type Message = Readonly<Record<string, unknown>>;

function parseObject(text: string): Message {
  if (!hasFewValues(text)) {
    throw new WsRequestError(
      'TOO_MANY_VALUES',
      `Cannot read the message: it may have more than ${MAX_WS_VALUES} values`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WsRequestError('NOT_JSON', 'Cannot read the message: it is not JSON', { cause });
  }
  if (isObject(value)) return value;
  throw new WsRequestError('NOT_JSON', 'Cannot read the message: it must be a JSON object');
}

/**
 * Says whether a text has few characters with which JSON values begin, so that it is parsed in a fraction of a millisecond.
 * Such characters within strings count as well; session descriptions have few of them.
 */
function hasFewValues(text: string): boolean {
  let count = 0;
  for (const character of [',', '[', '{']) {
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
      count += 1;
      if (count > MAX_WS_VALUES) return false;
    }
  }
  return true;
}

function readAnnounce(message: Message): WsAnnounce {
  return {
    action: 'announce',
    infoHash: readByteText(message, 'info_hash'),
    peerId: readByteText(message, 'peer_id'),
    event: readEvent(message['event']),
    isSeeder: readNumber(message, 'left') === 0,
    offers: readOffers(message),
  };
}

function readAnswer(message: Message): WsAnswer {
  return {
    action: 'answer',
    infoHash: readByteText(message, 'info_hash'),
    peerId: readByteText(message, 'peer_id'),
    toPeerId: readByteText(message, 'to_peer_id'),
    offerId: readByteText(message, 'offer_id'),
    sdp: readSdp(message, 'answer'),
  };
}

function readScrape(message: Message): WsScrape {
  const found = message['info_hash'];
  if (isByteText(found)) return { action: 'scrape', infoHashes: [found] };
  if (!Array.isArray(found) || found.length === 0) {
    throw bad('info_hash', `be one of ${LENGTH} characters up to U+00FF, or a list of them, in a scrape`);
  }
  if (found.length > MAX_SCRAPE_INFO_HASHES) {
    throw new WsRequestError(
      'TOO_MANY_INFO_HASHES',
      `A scrape takes at most ${MAX_SCRAPE_INFO_HASHES} info_hash, found ${found.length}`,
    );
  }
  const infoHashes = new Set<ByteText>();
  for (const infoHash of found as unknown[]) {
    if (!isByteText(infoHash)) throw bad('info_hash', BYTE_TEXT);
    infoHashes.add(infoHash);
  }
  return { action: 'scrape', infoHashes: [...infoHashes] };
}

const NO_OFFERS: readonly WsOffer[] = [];

/** Reads the offers that are handed on: no more than are wanted, and no more than are allowed. */
function readOffers(message: Message): readonly WsOffer[] {
  const numWant = readNumber(message, 'numwant') ?? MAX_WS_OFFERS;
  const found = message['offers'];
  if (!isThere(found)) return NO_OFFERS;
  if (!Array.isArray(found)) throw bad('offers', 'be a list');
  const count = Math.min(found.length, MAX_WS_OFFERS, Math.max(0, Math.floor(numWant)));
  const offers: WsOffer[] = [];
  for (let at = 0; at < count; at += 1) {
    const offer: unknown = found[at];
    if (!isObject(offer)) throw bad('offers', 'be a list of objects');
    offers.push({ offerId: readByteText(offer, 'offer_id'), sdp: readSdp(offer, 'offer') });
  }
  return offers;
}

function readSdp(message: Message, type: 'offer' | 'answer'): string {
  const description = message[type];
  if (!isObject(description)) throw bad(type, 'be an object');
  if (description['type'] !== type) throw bad(`${type}.type`, `be "${type}"`);
  const sdp = description['sdp'];
  if (typeof sdp === 'string' && sdp.length > 0 && sdp.length <= MAX_SDP_LENGTH) return sdp;
  throw bad(`${type}.sdp`, `have 1 to ${MAX_SDP_LENGTH} characters`);
}

function readEvent(found: unknown): AnnounceEvent {
  switch (found) {
    case 'started':
    case 'completed':
    case 'stopped':
    case 'paused':
      return found;
    default:
      if (isThere(found) && typeof found !== 'string') throw bad('event', 'be a text');
      return 'none';
  }
}

function readNumber(message: Message, key: string): number | undefined {
  const found = message[key];
  if (typeof found === 'number') return found;
  if (isThere(found)) throw bad(key, 'be a number');
  return undefined;
}

const LENGTH = 20;
const BYTE_TEXT = `have ${LENGTH} characters up to U+00FF, one for each byte`;

function readByteText(message: Message, key: string): ByteText {
  const found = message[key];
  if (isByteText(found)) return found;
  throw bad(key, BYTE_TEXT);
}

function isByteText(found: unknown): found is ByteText {
  if (typeof found !== 'string' || found.length !== LENGTH) return false;
  for (let at = 0; at < LENGTH; at += 1) if (found.charCodeAt(at) > 0xff) return false;
  return true;
}

function isObject(found: unknown): found is Message {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

function isThere(found: unknown): boolean {
  return found !== undefined && found !== null;
}

function bad(key: string, rule: string): WsRequestError {
  return new WsRequestError('BAD_VALUE', `Cannot read the message: ${key} must ${rule}`);
}
