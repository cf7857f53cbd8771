import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../metainfo/index.ts';
import { Bitfield, type Random, randomBelow, seededRandom } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import { encodePieceHeader } from './message-writer.ts';
import { PeerSession } from './peer-session.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';

const PIECES = 5;
const PIECE_LENGTH = 2 * BLOCK_BYTES;
const geometry = {
  pieceCount: PIECES,
  pieceLength: PIECE_LENGTH,
  pieceLengthAt: (index: number) => (index === PIECES - 1 ? BLOCK_BYTES + 77 : PIECE_LENGTH),
};
const content = Array.from({ length: PIECES }, (_, index) => {
  const random = seededRandom(index);
  return Uint8Array.from({ length: geometry.pieceLengthAt(index) }, () => randomBelow(random, 256));
});
const allBlocks: readonly BlockRequest[] = content.flatMap((piece, index) =>
  [0, BLOCK_BYTES].map((begin) => ({ index, begin, length: Math.min(BLOCK_BYTES, piece.length - begin) })),
);

/** A minimal engine: it owns some blocks, and requests the rest from the other end. */
class Peer {
  readonly session: PeerSession;
  readonly pieces = content.map((piece) => new Uint8Array(piece.length));
  /** Blocks that we neither have nor have requested. */
  readonly missing = new Set<BlockRequest>();
  /** Requests taken, whose blocks are on their way from the disk. */
  readonly reading: BlockRequest[] = [];
  /** Bytes under way to the other end. */
  readonly sent: Uint8Array[] = [];

  constructor(fast: boolean, owned: Bitfield) {
    this.session = new PeerSession({ geometry, fast, extended: true, now: 0 }, this.#events());
    for (const block of allBlocks) {
      if (owned.has(block.index)) this.pieces[block.index]!.set(content[block.index]!);
      else this.missing.add(block);
    }
    this.session.sendBitfield(owned);
  }

  requestSome(count: number): void {
    const { session } = this;
    const possible = (block: BlockRequest): boolean =>
      session.peerPieces.has(block.index) && (!session.peerChoking || session.allowedFast.has(block.index));
    const batch = [...this.missing].filter(possible).slice(0, count);
    for (const block of batch) this.missing.delete(block);
    session.request(batch);
  }

  cancelOldest(): void {
    const [oldest] = this.session.outstandingRequests();
    if (oldest !== undefined && this.session.cancel(oldest)) this.#giveBack(oldest);
  }

  takeRequest(): void {
    const request = this.session.takeRequest();
    if (request !== undefined) this.reading.push(request);
  }

  answerOldest(): void {
    const request = this.reading.shift();
    if (request === undefined) return;
    const { index, begin, length } = request;
    const data = content[index]!.slice(begin, begin + length);
    this.session.sendBlock(request, Buffer.concat([encodePieceHeader(request), data]));
  }

  #giveBack({ index, begin }: BlockRequest): void {
    this.missing.add(allBlocks.find((block) => block.index === index && block.begin === begin)!);
  }

  #events(): PeerSessionEvents {
    return {
      send: (bytes) => this.sent.push(bytes),
      onChoked() {},
      onUnchoked() {},
      onInterested() {},
      onNotInterested() {},
      onBitfield() {},
      onHave() {},
      onAllowedFast() {},
      onSuggestPiece() {},
      onRequestQueued() {},
      onRejected: (request) => this.#giveBack(request),
      blockDestination: (index, begin, length) => this.pieces[index]!.subarray(begin, begin + length),
      onBlock() {},
      onBlockDiscarded() {},
      onExtended() {},
      onHashRequest() {},
      onHashes() {},
      onHashesRejected() {},
    };
  }
}

/** Hands bytes from one peer to the other, in one part of random length. */
function deliver(from: Peer, to: Peer, random: Random): void {
  const stream = Buffer.concat(from.sent.splice(0));
  const cut = randomBelow(random, stream.length + 1);
  to.session.receive(stream.subarray(0, cut), 0);
  if (cut < stream.length) from.sent.unshift(stream.subarray(cut));
}

function actAtRandom(peer: Peer, other: Peer, random: Random): void {
  const actions = [
    () => peer.session.choke(),
    () => peer.session.unchoke(),
    () => peer.session.setInterested(random.next() < 0.5),
    () => peer.session.allowFast([randomBelow(random, PIECES)]),
    () => peer.requestSome(1 + randomBelow(random, 4)),
    () => peer.requestSome(1 + randomBelow(random, 4)),
    () => peer.cancelOldest(),
    () => peer.takeRequest(),
    () => peer.answerOldest(),
    () => peer.answerOldest(),
    () => deliver(peer, other, random),
    () => deliver(peer, other, random),
  ];
  actions[randomBelow(random, actions.length)]!();
}

describe('PeerSession, two connected sessions', () => {
  test.each([true, false])(
    'exchange all blocks, whatever order their messages and calls come in (BEP 6: %s)',
    (fast) => {
      fc.assert(
        fc.property(
          fc.integer(),
          fc.array(fc.boolean(), { minLength: PIECES, maxLength: PIECES }),
          (seed, split) => {
            const random = seededRandom(seed);
            const [ofA, ofB] = [new Bitfield(PIECES), new Bitfield(PIECES)];
            for (const [index, isOfA] of split.entries()) (isOfA ? ofA : ofB).add(index);
            const a = new Peer(fast, ofA);
            const b = new Peer(fast, ofB);

            for (let step = 0; step < 150; step += 1) {
              if (random.next() < 0.5) actAtRandom(a, b, random);
              else actAtRandom(b, a, random);
            }
            for (const peer of [a, b]) peer.session.unchoke();
            for (let round = 0; round < 100; round += 1) {
              for (const [peer, other] of [[a, b] as const, [b, a] as const]) {
                other.session.receive(Buffer.concat(peer.sent.splice(0)), 0);
                peer.requestSome(3);
                peer.takeRequest();
                peer.answerOldest();
              }
            }

            for (const peer of [a, b]) {
              expect([peer.missing.size, peer.session.outstandingCount]).toEqual([0, 0]);
              expect(Buffer.concat(peer.pieces).equals(Buffer.concat(content))).toBe(true);
            }
            expect(a.session.downloadedBytes).toBe(b.session.uploadedBytes);
            expect(b.session.downloadedBytes).toBe(a.session.uploadedBytes);
          },
        ),
      );
    },
  );
});
