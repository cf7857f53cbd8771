import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../metainfo/index.ts';
import { Bitfield } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import { MAX_QUEUED_REQUESTS } from './limits.ts';
import * as writer from './message-writer.ts';
import { PeerSession } from './peer-session.ts';
import { WireError } from './wire-error.ts';

const PIECES = 9;
const geometry = { pieceCount: PIECES, pieceLength: BLOCK_BYTES, pieceLengthAt: () => BLOCK_BYTES };
const ours: readonly BlockRequest[] = [0, 3, 8].map((index) => ({ index, begin: 0, length: BLOCK_BYTES }));

const oursOfHashes = { piecesRoot: new Uint8Array(32), baseLayer: 0, index: 0, length: 2, proofLayers: 1 };

const indices = fc.nat(PIECES - 1);
const blocks = indices.map((index) => ({ index, begin: 0, length: BLOCK_BYTES }));
const messages: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(
    writer.encodeChoke(),
    writer.encodeUnchoke(),
    writer.encodeInterested(),
    writer.encodeNotInterested(),
    writer.encodeBitfield(Bitfield.full(PIECES)),
    writer.encodeHaveAll(),
    writer.encodeHaveNone(),
  ),
  indices.map(writer.encodeHave),
  indices.map(writer.encodeAllowedFast),
  indices.map(writer.encodeSuggestPiece),
  fc.array(blocks).map(writer.encodeRequests),
  blocks.map(writer.encodeCancel),
  blocks.map(writer.encodeReject),
  blocks.map((block) => Buffer.concat([writer.encodePieceHeader(block), new Uint8Array(block.length)])),
  fc.uint8Array().map((payload) => writer.encodeExtended(1, payload)),
  fc.constantFrom(
    writer.encodeHashRequest(oursOfHashes),
    writer.encodeHashReject(oursOfHashes),
    writer.encodeHashes(oursOfHashes, new Uint8Array(3 * 32)),
    writer.encodeHashes(oursOfHashes, new Uint8Array(2 * 32)),
  ),
);
const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
const streams = fc.oneof(
  fc.uint8Array(),
  fc.tuple(fc.array(messages, { minLength: 1, maxLength: 30 }), changes).map(([written, edits]) => {
    const stream = Buffer.concat(written);
    // The changes are near the start of the stream: most others would fall into blocks, where they have no effect.
    for (const [at, value] of edits) stream[at % Math.min(stream.length, 200)] = value;
    return stream;
  }),
);

describe('PeerSession, fuzzed', () => {
  test.each([true, false])('throws nothing but WireError and loses no request (BEP 6: %s)', (fast) => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 20_000 }), fc.boolean(), (stream, size, choking) => {
        /** The outcome of each of our requests; each is answered at most once. */
        const answered: number[] = [];
        let afterEnd = 0;
        let hashAnswers = 0;
        const count = (): void => {
          afterEnd += 1;
        };
        const session = new PeerSession(
          { geometry, fast, extended: true, now: 0 },
          {
            send: count,
            onChoked: count,
            onUnchoked: count,
            onInterested: count,
            onNotInterested: count,
            onBitfield: count,
            onHave: count,
            onAllowedFast: count,
            onSuggestPiece: count,
            onRequestQueued: count,
            onRejected: ({ index }) => answered.push(index),
            blockDestination: (_index, _begin, length) => new Uint8Array(length),
            onBlock: (index) => answered.push(index),
            onBlockDiscarded: count,
            onExtended: count,
            onHashRequest: count,
            onHashes: () => hashAnswers++,
            onHashesRejected: () => hashAnswers++,
          },
        );
        session.receive(writer.encodeUnchoke(), 0);
        session.request(ours);
        session.hashes.request(oursOfHashes);
        if (!choking) session.unchoke();
        try {
          for (let at = 0; at < stream.length; at += size) session.receive(stream.subarray(at, at + size), 0);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          afterEnd = 0;
          session.receive(writer.encodeInterested(), 0);
          session.choke();
          expect(afterEnd).toBe(0);
        }
        const left = session.outstandingRequests().map(({ index }) => index);
        expect([...answered, ...left].sort((x, y) => x - y)).toEqual(ours.map(({ index }) => index));
        expect(hashAnswers).toBeLessThanOrEqual(1);
        expect(session.queuedRequestCount).toBeLessThanOrEqual(MAX_QUEUED_REQUESTS);
        expect(session.discardedBytes).toBeLessThanOrEqual(session.downloadedBytes);
        expect(session.peerPieces.length).toBe(PIECES);
      }),
      { numRuns: 300 },
    );
  });
});
