import assert from 'node:assert/strict';
import {
  encodeWsAnswer,
  encodeWsFailure,
  encodeWsOffer,
  encodeWsOrigin,
  MAX_SDP_LENGTH,
  MAX_WS_MESSAGE_BYTES,
  MAX_WS_OFFERS,
  parseWsRequest,
  WsRequestError,
} from '../../../src/tracker-protocol/index.ts';
import { type FuzzTarget, jsonBytes } from '../fuzz-target.ts';

const BYTES = '\x01\x9f\u00e4abcdefghijklmno\0\xff';
const SDP = {
  type: 'offer',
  sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n',
};
const ANNOUNCE = {
  action: 'announce',
  info_hash: BYTES,
  peer_id: '-WW0200-abcdefghijkl',
  numwant: 2,
  uploaded: 0,
  downloaded: 0,
  left: null,
  event: 'started',
  offers: [
    { offer: SDP, offer_id: BYTES },
    { offer: SDP, offer_id: 'offer-offer-offer-20' },
  ],
};

/** A message of a WebTorrent peer: what is handed on to others is JSON again, with the same texts. */
const request: FuzzTarget = {
  name: 'webtorrent-message',
  corpus: () => [
    jsonBytes(ANNOUNCE),
    jsonBytes({ ...ANNOUNCE, left: 0, event: 'completed', offers: undefined }),
    jsonBytes({
      action: 'announce',
      info_hash: BYTES,
      peer_id: BYTES,
      to_peer_id: '-WW0200-abcdefghijkl',
      answer: { type: 'answer', sdp: SDP.sdp },
      offer_id: BYTES,
    }),
    jsonBytes({ action: 'scrape', info_hash: [BYTES, 'abcdefghijklmnopqrst'] }),
    jsonBytes({ action: 'scrape', info_hash: BYTES }),
  ],
  form: 'json',
  tokens: [BYTES, 'announce', 'scrape', 'answer', 'offer', 'stopped'],
  refusals: [WsRequestError],
  maxBytes: MAX_WS_MESSAGE_BYTES,
  run(input) {
    const found = parse(Buffer.from(input).toString());
    if (found.action === 'scrape') return true;
    const origin = encodeWsOrigin(found.infoHash, found.peerId);
    const handedOn =
      found.action === 'answer'
        ? [[found, encodeWsAnswer(found, origin)] as const]
        : found.offers.map((offer) => [offer, encodeWsOffer(offer, origin)] as const);
    assert.ok(handedOn.length <= MAX_WS_OFFERS);
    for (const [{ offerId, sdp }, text] of handedOn) {
      const message = JSON.parse(text) as Record<string, unknown>;
      const description = message[found.action === 'answer' ? 'answer' : 'offer'] as { sdp: string };
      assert.equal(message['offer_id'], offerId);
      assert.equal(description.sdp, sdp);
      assert.ok(sdp.length <= MAX_SDP_LENGTH);
    }
    return true;
  },
};

function parse(text: string): ReturnType<typeof parseWsRequest> {
  try {
    return parseWsRequest(text);
  } catch (thrown) {
    // The failure that the peer is told is JSON, too.
    if (thrown instanceof WsRequestError) {
      JSON.parse(encodeWsFailure('announce', { failureReason: thrown.message }, thrown.infoHash));
    }
    throw thrown;
  }
}

export const webTorrentTargets: readonly FuzzTarget[] = [request];
