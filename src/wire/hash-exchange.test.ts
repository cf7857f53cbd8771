import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uncleCount } from '../metainfo/index.ts';
import { HashExchange } from './hash-exchange.ts';
import type { HashRequest } from './hash-request.ts';
import { MAX_OUTSTANDING_HASH_REQUESTS, MAX_STRAY_ANSWERS } from './limits.ts';
import { encodeHashes, encodeHashReject, encodeHashRequest } from './message-writer.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';

const REQUEST: HashRequest = {
  piecesRoot: new Uint8Array(32).fill(7),
  baseLayer: 3,
  index: 8,
  length: 4,
  proofLayers: 5,
};
const HASHES = new Uint8Array((4 + 4) * 32).fill(9);

const requests: fc.Arbitrary<HashRequest> = fc.record({
  piecesRoot: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  baseLayer: fc.nat(20),
  index: fc.nat(1000),
  length: fc.nat(9).map((power) => 2 ** power),
  proofLayers: fc.nat(20),
});

/** Makes an exchange that records its events and the messages that it sends. */
function exchange() {
  const events: unknown[][] = [];
  const sent: Uint8Array[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      events.push([name, ...args]);
  const unused = () => {
    throw new Error('Not an event of hashes');
  };
  const told: PeerSessionEvents = {
    send: unused,
    onChoked: unused,
    onUnchoked: unused,
    onInterested: unused,
    onNotInterested: unused,
    onBitfield: unused,
    onHave: unused,
    onAllowedFast: unused,
    onSuggestPiece: unused,
    onRequestQueued: unused,
    onRejected: unused,
    blockDestination: unused,
    onBlock: unused,
    onBlockDiscarded: unused,
    onExtended: unused,
    onHashRequest: note('request'),
    onHashes: note('hashes'),
    onHashesRejected: note('rejected'),
  };
  return { hashes: new HashExchange(told, (bytes) => sent.push(bytes)), events, sent };
}

describe('HashExchange', () => {
  test('receivedHashes() reports the answer to a request once, with a copy of the hashes', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { hashes, events, sent } = exchange();
        hashes.request(request);
        expect(sent).toEqual([encodeHashRequest(request)]);
        const view = Buffer.alloc((request.length + uncleCount(request)) * 32, 1);
        const copy = new Uint8Array(view);
        hashes.receivedHashes({ ...request, piecesRoot: request.piecesRoot.slice() }, view);
        view.fill(0);
        hashes.receivedHashes(request, view);
        expect(events).toEqual([['hashes', request, copy]]);
      }),
    );
  });

  test('receivedHashes() refuses more or fewer hashes than were asked for', () => {
    for (const length of [0, HASHES.length - 32, HASHES.length + 32]) {
      const { hashes, events } = exchange();
      hashes.request(REQUEST);
      expect(() => hashes.receivedHashes(REQUEST, new Uint8Array(length))).toThrow(/256/);
      expect(events).toEqual([]);
    }
  });

  test.each<[string, Partial<HashRequest>]>([
    ['root', { piecesRoot: new Uint8Array(32) }],
    ['base layer', { baseLayer: 2 }],
    ['index', { index: 12 }],
    ['length', { length: 8 }],
    ['number of proof layers', { proofLayers: 6 }],
  ])(
    'receivedHashes() and receivedReject() ignore an answer with another %s than was requested',
    (_, other) => {
      const { hashes, events } = exchange();
      hashes.request(REQUEST);
      hashes.receivedHashes({ ...REQUEST, ...other }, HASHES);
      hashes.receivedReject({ ...REQUEST, ...other });
      expect(events).toEqual([]);
      hashes.receivedReject(REQUEST);
      expect(events).toEqual([['rejected', REQUEST]]);
    },
  );

  test('receivedHashes() and receivedReject() throw when too many answers were not requested', () => {
    const { hashes } = exchange();
    for (let stray = 0; stray < MAX_STRAY_ANSWERS; stray += 2) {
      hashes.receivedHashes(REQUEST, HASHES);
      hashes.receivedReject(REQUEST);
    }
    expect(() => hashes.receivedHashes(REQUEST, HASHES)).toThrow(/not requested/);
  });

  test('canRequest() is false for a request that is outstanding, and when too many are', () => {
    const { hashes } = exchange();
    for (let index = 0; index < MAX_OUTSTANDING_HASH_REQUESTS; index += 1) {
      expect(hashes.canRequest({ ...REQUEST, index })).toBe(true);
      hashes.request({ ...REQUEST, index });
      expect(hashes.canRequest({ ...REQUEST, index })).toBe(false);
    }
    expect(hashes.canRequest({ ...REQUEST, index: MAX_OUTSTANDING_HASH_REQUESTS })).toBe(false);
    expect(() => hashes.request(REQUEST)).toThrow(RangeError);
    hashes.receivedReject({ ...REQUEST, index: 5 });
    expect(hashes.canRequest({ ...REQUEST, index: 5 })).toBe(true);
  });

  test('receivedRequest() reports a copy of the request, which answer() and reject() answer', () => {
    const { hashes, events, sent } = exchange();
    const view = Buffer.from(REQUEST.piecesRoot);
    hashes.receivedRequest({ ...REQUEST, piecesRoot: view });
    view.fill(0);
    expect(events).toEqual([['request', REQUEST]]);
    hashes.answer(REQUEST, HASHES);
    hashes.reject(REQUEST);
    expect(sent).toEqual([encodeHashes(REQUEST, HASHES), encodeHashReject(REQUEST)]);
  });
});
