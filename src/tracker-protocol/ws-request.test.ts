import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SCRAPE_INFO_HASHES } from './http-scrape.ts';
import {
  MAX_SDP_LENGTH,
  MAX_WS_MESSAGE_BYTES,
  MAX_WS_OFFERS,
  MAX_WS_VALUES,
  parseWsRequest,
  type WsAnnounce,
  WsRequestError,
} from './ws-request.ts';

const INFO_HASH = '\u00a9'.repeat(20);
const PEER_ID = '-XX0001-\u0000\u00ff0123456789';
const OFFER_ID = 'o'.repeat(20);
const announce = { action: 'announce', info_hash: INFO_HASH, peer_id: PEER_ID };
const offer = { offer: { type: 'offer', sdp: 'v=0' }, offer_id: OFFER_ID };
const answer = {
  ...announce,
  to_peer_id: 't'.repeat(20),
  offer_id: OFFER_ID,
  answer: { type: 'answer', sdp: 'v=0' },
};

const parse = (message: unknown) => parseWsRequest(JSON.stringify(message));

const byteText = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const sdp = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1 });

describe('parseWsRequest()', () => {
  test.each([
    ['lists in each other', `${'['.repeat(32_000)}${']'.repeat(32_000)}`],
    ['numbers', `{"action":"announce","offers":[${'1,'.repeat(32_000)}1]}`],
    ['objects', `{"action":"announce","offers":[${'{},'.repeat(21_000)}{}]}`],
  ])('refuses a message of many %s before it is parsed', (_, text) => {
    expect(text.length).toBeLessThanOrEqual(MAX_WS_MESSAGE_BYTES);
    expect(() => parseWsRequest(text)).toThrow(expect.objectContaining({ code: 'TOO_MANY_VALUES' }));
  });

  test('reads every valid announce', () => {
    const offers = fc.array(fc.record({ offerId: byteText, sdp }), { maxLength: MAX_WS_OFFERS });
    const left = fc.oneof(fc.maxSafeNat(), fc.constant(null), fc.constant(undefined), fc.constant(-1));
    const event = fc.constantFrom('started', 'completed', 'stopped', 'paused');
    fc.assert(
      fc.property(byteText, byteText, offers, left, event, (infoHash, peerId, offers, left, event) => {
        const read = parse({
          ...announce,
          info_hash: infoHash,
          peer_id: peerId,
          left,
          event,
          numwant: offers.length,
          offers: offers.map(({ offerId, sdp }) => ({ offer: { type: 'offer', sdp }, offer_id: offerId })),
        });
        expect(read).toEqual({ action: 'announce', infoHash, peerId, event, isSeeder: left === 0, offers });
      }),
    );
  });

  test('reads every valid answer to an offer', () => {
    fc.assert(
      fc.property(byteText, byteText, byteText, byteText, sdp, (infoHash, peerId, toPeerId, offerId, sdp) => {
        const read = parse({
          action: 'announce',
          info_hash: infoHash,
          peer_id: peerId,
          to_peer_id: toPeerId,
          offer_id: offerId,
          answer: { type: 'answer', sdp },
        });
        expect(read).toEqual({ action: 'answer', infoHash, peerId, toPeerId, offerId, sdp });
      }),
    );
  });

  test('reads any text or throws WsRequestError', () => {
    const readOrRefuse = (text: string): void => {
      try {
        parseWsRequest(text);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(WsRequestError);
      }
    };
    fc.assert(fc.property(fc.string(), readOrRefuse));
    fc.assert(fc.property(fc.json(), readOrRefuse));
    const known = fc.constantFrom(...Object.keys({ ...answer, ...offer, left: 0, event: 0, numwant: 0 }));
    const value = fc.oneof(fc.jsonValue(), byteText, fc.array(fc.constant(offer)), fc.constant(offer.offer));
    const message = fc
      .dictionary(known, value)
      .map((fields) => JSON.stringify({ ...announce, ...fields, action: 'announce' }));
    fc.assert(fc.property(message, readOrRefuse));
  });

  test('reads a null like a missing key', () => {
    const nothing = { action: 'announce', infoHash: INFO_HASH, peerId: PEER_ID, event: 'none' };
    const read = { ...nothing, isSeeder: false, offers: [] };
    expect(parse(announce)).toEqual(read);
    const nulls = { left: null, event: null, numwant: null, offers: null, answer: null };
    expect(parse({ ...announce, ...nulls })).toEqual(read);
    expect(parse({ ...announce, event: 'update', left: 1 })).toEqual(read);
  });

  test('takes as many offers as numwant says, up to the limit', () => {
    const count = (numwant: number | undefined, offers: number): number => {
      const read = parse({ ...announce, numwant, offers: Array(offers).fill(offer) });
      return (read as WsAnnounce).offers.length;
    };
    expect(count(3, 5)).toBe(3);
    expect(count(50, 5)).toBe(5);
    expect(count(undefined, 5)).toBe(5);
    expect(count(0, 5)).toBe(0);
    expect(count(-1, 5)).toBe(0);
    expect(count(undefined, MAX_WS_OFFERS + 1)).toBe(MAX_WS_OFFERS);
  });

  test('reads a scrape of one info-hash, and of several with each one once', () => {
    expect(parse({ action: 'scrape', info_hash: INFO_HASH })).toEqual({
      action: 'scrape',
      infoHashes: [INFO_HASH],
    });
    expect(parse({ action: 'scrape', info_hash: [INFO_HASH, OFFER_ID, INFO_HASH] })).toEqual({
      action: 'scrape',
      infoHashes: [INFO_HASH, OFFER_ID],
    });
  });

  test.each([
    ['no object', 1],
    ['null', null],
    ['a list', [announce]],
    ['no action', {}],
    ['an unknown action', { ...announce, action: 'connect' }],
    ['an action of another type', { ...announce, action: ['announce'] }],
    ['an info-hash that is too short', { ...announce, info_hash: 'a'.repeat(19) }],
    ['an info-hash that is too long', { ...announce, info_hash: 'a'.repeat(40) }],
    ['an info-hash with a character above U+00FF', { ...announce, info_hash: `${'a'.repeat(19)}\u0100` }],
    ['an info-hash with a lone surrogate', { ...announce, info_hash: `${'a'.repeat(19)}\ud800` }],
    ['no peer id', { action: 'announce', info_hash: INFO_HASH }],
    ['a peer id of another type', { ...announce, peer_id: [PEER_ID] }],
    ['left that is no number', { ...announce, left: '0' }],
    ['numwant that is no number', { ...announce, numwant: '5' }],
    ['an event that is no text', { ...announce, event: 1 }],
    ['offers that are no list', { ...announce, offers: { 0: offer, length: 1 } }],
    ['an offer that is null', { ...announce, offers: [null] }],
    ['an offer without an id', { ...announce, offers: [{ offer: offer.offer }] }],
    ['an offer that is an answer', { ...announce, offers: [{ ...offer, offer: answer.answer }] }],
    ['an offer that is a text', { ...announce, offers: [{ ...offer, offer: 'v=0' }] }],
    ['an offer without a description', { ...announce, offers: [{ ...offer, offer: { type: 'offer' } }] }],
    ['an empty description', { ...announce, offers: [{ ...offer, offer: { type: 'offer', sdp: '' } }] }],
    [
      'a description that is too long',
      { ...answer, answer: { type: 'answer', sdp: 'x'.repeat(MAX_SDP_LENGTH + 1) } },
    ],
    ['an answer to nobody', { ...answer, to_peer_id: undefined }],
    ['an answer to no offer', { ...answer, offer_id: undefined }],
    ['an answer that is a number', { ...answer, answer: 1 }],
    ['a scrape of nothing', { action: 'scrape' }],
    ['a scrape of an empty list', { action: 'scrape', info_hash: [] }],
    ['a scrape of something else', { action: 'scrape', info_hash: [INFO_HASH, 7] }],
    [
      'a scrape of too many',
      { action: 'scrape', info_hash: Array(MAX_SCRAPE_INFO_HASHES + 1).fill(INFO_HASH) },
    ],
  ])('refuses %s', (_, message) => {
    expect(() => parse(message)).toThrow(WsRequestError);
  });

  test('gives the info-hash of a message in the error that refuses it', () => {
    expect(() => parse({ ...announce, left: '0' })).toThrow(expect.objectContaining({ infoHash: INFO_HASH }));
    expect(() => parse({ ...announce, info_hash: 7 })).toThrow(
      expect.objectContaining({ infoHash: undefined }),
    );
  });

  test('reads no key from a __proto__ in the message', () => {
    const inherited = `{"__proto__":${JSON.stringify(announce)},"action":"announce"}`;
    expect(() => parseWsRequest(inherited)).toThrow(/info_hash/);
    expect(parseWsRequest(JSON.stringify(announce).replace('{', '{"__proto__":{"left":0},'))).toMatchObject({
      isSeeder: false,
    });
  });

  test('reads or refuses JSON that is nested as deep as a message can be', () => {
    const deep = '['.repeat(MAX_WS_MESSAGE_BYTES / 2) + ']'.repeat(MAX_WS_MESSAGE_BYTES / 2);
    expect(() => parseWsRequest(deep)).toThrow(WsRequestError);
    const allowed = '['.repeat(MAX_WS_VALUES / 2) + ']'.repeat(MAX_WS_VALUES / 2);
    const inside = JSON.stringify({ ...announce, left: 0 }).replace('{', `{"x":${allowed},`);
    expect(parseWsRequest(inside)).toMatchObject({ isSeeder: true });
  });
});
