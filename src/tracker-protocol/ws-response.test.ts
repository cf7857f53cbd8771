import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWsRequest } from './ws-request.ts';
import {
  encodeWsAnnounceResponse,
  encodeWsAnswer,
  encodeWsFailure,
  encodeWsOffer,
  encodeWsOrigin,
  encodeWsScrapeResponse,
} from './ws-response.ts';

const byteText = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
/** Any text that JSON can hold, with quotes, line ends and lone surrogates. */
const sdp = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1 });

describe('encoders of messages to WebTorrent peers', () => {
  test('encodeWsAnnounceResponse() writes the interval and the counts of the swarm', () => {
    fc.assert(
      fc.property(byteText, fc.nat(), fc.nat(), fc.nat(), (infoHash, interval, complete, incomplete) => {
        const text = encodeWsAnnounceResponse({ infoHash, interval, complete, incomplete });
        expect(JSON.parse(text)).toEqual({
          action: 'announce',
          info_hash: infoHash,
          interval,
          complete,
          incomplete,
        });
      }),
    );
  });

  test('encodeWsOffer() writes an offer that parseWsRequest() read', () => {
    fc.assert(
      fc.property(byteText, byteText, byteText, sdp, (infoHash, peerId, offerId, sdp) => {
        const announce = {
          action: 'announce',
          info_hash: infoHash,
          peer_id: peerId,
          offers: [{ offer: { type: 'offer', sdp, extra: 1 }, offer_id: offerId }],
        };
        const read = parseWsRequest(JSON.stringify(announce));
        const [offer] = (read as Extract<typeof read, { action: 'announce' }>).offers;
        expect(JSON.parse(encodeWsOffer(offer!, encodeWsOrigin(infoHash, peerId)))).toEqual({
          action: 'announce',
          offer: { type: 'offer', sdp },
          offer_id: offerId,
          peer_id: peerId,
          info_hash: infoHash,
        });
      }),
    );
  });

  test('encodeWsAnswer() writes an answer to the peer that made the offer', () => {
    fc.assert(
      fc.property(byteText, byteText, byteText, sdp, (infoHash, peerId, offerId, sdp) => {
        expect(JSON.parse(encodeWsAnswer({ offerId, sdp }, encodeWsOrigin(infoHash, peerId)))).toEqual({
          action: 'announce',
          answer: { type: 'answer', sdp },
          offer_id: offerId,
          peer_id: peerId,
          info_hash: infoHash,
        });
      }),
    );
  });

  test('encodeWsScrapeResponse() writes the counts of each swarm', () => {
    fc.assert(
      fc.property(fc.uniqueArray(byteText), fc.nat(), (infoHashes, count) => {
        const entry = { complete: count, incomplete: 1, downloaded: 2 };
        const text = encodeWsScrapeResponse(new Map(infoHashes.map((infoHash) => [infoHash, entry])), 60);
        expect(JSON.parse(text)).toEqual({
          action: 'scrape',
          files: Object.fromEntries(infoHashes.map((infoHash) => [infoHash, entry])),
          flags: { min_request_interval: 60 },
        });
      }),
    );
  });

  test('encodeWsFailure() writes the action, the reason and the time to ask again', () => {
    expect(JSON.parse(encodeWsFailure('scrape', { failureReason: 'no' }, undefined))).toEqual({
      action: 'scrape',
      'failure reason': 'no',
    });
    const infoHash = '\u00ff'.repeat(20);
    expect(JSON.parse(encodeWsFailure('announce', { failureReason: 'no', retryIn: 5 }, infoHash))).toEqual({
      action: 'announce',
      'failure reason': 'no',
      'retry in': 5,
      info_hash: infoHash,
    });
  });
});
