import type { TrackerFailure } from './announce.ts';
import type { ScrapeEntry } from './scrape.ts';
import type { ByteText, WsAnswer, WsOffer } from './ws-request.ts';

/** The response to an announce. The peers that get the offers answer them. */
export interface WsAnnounceResponse {
  readonly infoHash: ByteText;
  /** Seconds until the next announce. */
  readonly interval: number;
  /** Seeders. */
  readonly complete: number;
  /** The number of all others. */
  readonly incomplete: number;
}

export function encodeWsAnnounceResponse(response: WsAnnounceResponse): string {
  const { infoHash, interval, complete, incomplete } = response;
  return `{"action":"announce","interval":${interval},"complete":${complete},"incomplete":${incomplete},"info_hash":${JSON.stringify(infoHash)}}`;
}

/**
 * Writes the end of the messages that are handed on for a peer. It is written once for all its offers.
 *
 * @param peerId the id of the peer that made the offer or the answer
 */
export function encodeWsOrigin(infoHash: ByteText, peerId: ByteText): string {
  return `,"peer_id":${JSON.stringify(peerId)},"info_hash":${JSON.stringify(infoHash)}}`;
}

/** @param origin the text that {@link encodeWsOrigin} made */
export function encodeWsOffer({ offerId, sdp }: WsOffer, origin: string): string {
  return `{"action":"announce","offer":{"type":"offer","sdp":${JSON.stringify(sdp)}},"offer_id":${JSON.stringify(offerId)}${origin}`;
}

/** @param origin the text that {@link encodeWsOrigin} made */
export function encodeWsAnswer({ offerId, sdp }: Pick<WsAnswer, 'offerId' | 'sdp'>, origin: string): string {
  return `{"action":"announce","answer":{"type":"answer","sdp":${JSON.stringify(sdp)}},"offer_id":${JSON.stringify(offerId)}${origin}`;
}

/** Writes the response to a scrape. @param minInterval the seconds until the peer may scrape again */
export function encodeWsScrapeResponse(
  files: ReadonlyMap<ByteText, ScrapeEntry>,
  minInterval: number,
): string {
  const entries: string[] = [];
  for (const [infoHash, { complete, incomplete, downloaded }] of files) {
    entries.push(
      `${JSON.stringify(infoHash)}:{"complete":${complete},"incomplete":${incomplete},"downloaded":${downloaded}}`,
    );
  }
  return `{"action":"scrape","files":{${entries.join(',')}},"flags":{"min_request_interval":${minInterval}}}`;
}

/**
 * Writes a refusal with the action of an announce, because clients take a message without a known action for a broken
 * tracker and reconnect; a refused announce of one of their swarms they show as a warning.
 */
export function encodeWsFailure(
  action: 'announce' | 'scrape',
  { failureReason, retryIn, interval }: TrackerFailure,
  infoHash: ByteText | undefined,
): string {
  return JSON.stringify({
    action,
    'failure reason': failureReason,
    ...(interval !== undefined && { interval }),
    ...(retryIn !== undefined && { 'retry in': retryIn }),
    ...(infoHash !== undefined && { info_hash: infoHash }),
  });
}
