import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../metainfo/index.ts';
import { Bitfield } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import {
  KEEP_ALIVE_INTERVAL_MS,
  MAX_ALLOWED_FAST,
  MAX_BAD_REQUESTS,
  MAX_BLOCK_LENGTH,
  MAX_CHOKED_REQUESTS,
  MAX_QUEUED_REQUESTS,
  MAX_STRAY_ANSWERS,
  PEER_SILENCE_LIMIT_MS,
} from './limits.ts';
import * as writer from './message-writer.ts';
import { PeerSession, type PeerSessionOptions } from './peer-session.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';
import { WireError } from './wire-error.ts';

const PIECES = 1000;
const PIECE_LENGTH = 4 * BLOCK_BYTES;
const LAST_PIECE_LENGTH = BLOCK_BYTES + 5;
const geometry = {
  pieceCount: PIECES,
  pieceLength: PIECE_LENGTH,
  pieceLengthAt: (index: number) => (index === PIECES - 1 ? LAST_PIECE_LENGTH : PIECE_LENGTH),
};

/** A session that records its events; the test plays the peer. */
class Connection {
  readonly session: PeerSession;
  /** All events but `send`, since the last look. */
  #calls: string[] = [];
  #sent: Uint8Array[] = [];
  /** The memory for the next block. */
  destination: Uint8Array | undefined = new Uint8Array(BLOCK_BYTES);
  readonly events: PeerSessionEvents;

  constructor(options: Partial<PeerSessionOptions> = {}) {
    const note =
      (name: string) =>
      (...args: unknown[]): void => {
        this.#calls.push([name, ...args.map(describeArgument)].join(' '));
      };
    this.events = {
      send: (bytes) => this.#sent.push(bytes),
      onChoked: note('choked'),
      onUnchoked: note('unchoked'),
      onInterested: note('interested'),
      onNotInterested: note('notInterested'),
      onBitfield: note('bitfield'),
      onHave: note('have'),
      onAllowedFast: note('allowedFast'),
      onSuggestPiece: note('suggestPiece'),
      onRequestQueued: note('requestQueued'),
      onRejected: note('rejected'),
      blockDestination: () => this.destination,
      onBlock: note('block'),
      onBlockDiscarded: note('blockDiscarded'),
      onExtended: note('extended'),
      onHashRequest: note('hashRequest'),
      onHashes: note('hashes'),
      onHashesRejected: note('hashesRejected'),
    };
    this.session = new PeerSession({ geometry, fast: true, extended: true, now: 0, ...options }, this.events);
  }

  receive(...messages: Uint8Array[]): void {
    this.session.receive(Buffer.concat(messages), 0);
  }

  /** Receives messages. @returns the error that the session throws at them */
  errorAt(...messages: Uint8Array[]): string {
    try {
      this.receive(...messages);
    } catch (error) {
      if (error instanceof WireError) return error.code;
      throw error;
    }
    return 'nothing thrown';
  }

  /** The events since the last look. */
  calls(): string[] {
    return this.#calls.splice(0);
  }

  expectSent(...messages: Uint8Array[]): void {
    expect(Buffer.concat(this.#sent.splice(0))).toEqual(Buffer.concat(messages));
  }
}

function describeArgument(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'object' && value !== null) return Object.values(value).join('/');
  return String(value);
}

const block = (index: number, number = 0): BlockRequest => ({
  index,
  begin: number * BLOCK_BYTES,
  length: BLOCK_BYTES,
});

function piece(request: BlockRequest, fill = 0): Uint8Array {
  return Buffer.concat([writer.encodePieceHeader(request), new Uint8Array(request.length).fill(fill)]);
}

/** A run of hashes. */
const run = { baseLayer: 0, index: 0, length: 2, proofLayers: 0 };

/** A connection whose peer has unchoked us, and holds these requests of ours. */
function requesting(
  requests: readonly BlockRequest[],
  options: Partial<PeerSessionOptions> = {},
): Connection {
  const connection = new Connection(options);
  connection.receive(writer.encodeUnchoke());
  connection.session.request(requests);
  connection.expectSent(writer.encodeRequests(requests));
  connection.calls();
  return connection;
}

/** A connection that has unchoked its peer, which has sent these requests. */
function serving(requests: readonly BlockRequest[], options: Partial<PeerSessionOptions> = {}): Connection {
  const connection = new Connection(options);
  connection.session.unchoke();
  connection.receive(writer.encodeRequests(requests));
  connection.expectSent(writer.encodeUnchoke());
  connection.calls();
  return connection;
}

describe('PeerSession, state', () => {
  test('starts choked and not interested on both sides', () => {
    const { session } = new Connection();
    expect([session.amChoking, session.peerChoking]).toEqual([true, true]);
    expect([session.amInterested, session.peerInterested]).toEqual([false, false]);
    expect(session.peerPieces.isEmpty).toBe(true);
  });

  test('follows the state of the peer, and reports only changes', () => {
    const connection = new Connection();
    const { session } = connection;
    connection.receive(writer.encodeChoke(), writer.encodeUnchoke(), writer.encodeUnchoke());
    connection.receive(writer.encodeInterested(), writer.encodeInterested());
    expect([session.peerChoking, session.peerInterested]).toEqual([false, true]);
    connection.receive(writer.encodeNotInterested(), writer.encodeChoke());
    expect([session.peerChoking, session.peerInterested]).toEqual([true, false]);
    expect(connection.calls()).toEqual(['unchoked', 'interested', 'notInterested', 'choked']);
  });

  test('sends a message only when its own state changes', () => {
    const connection = new Connection();
    const { session } = connection;
    for (const twice of [1, 2]) {
      session.unchoke();
      session.setInterested(true);
      expect([session.amChoking, session.amInterested, twice]).toEqual([false, true, twice]);
    }
    for (const _ of [1, 2]) session.choke();
    for (const _ of [1, 2]) session.setInterested(false);
    connection.expectSent(
      writer.encodeUnchoke(),
      writer.encodeInterested(),
      writer.encodeChoke(),
      writer.encodeNotInterested(),
    );
  });

  test('reports extended messages of the peer, and sends ours', () => {
    const connection = new Connection();
    connection.receive(writer.encodeExtended(3, Uint8Array.of(1, 2)));
    expect(connection.calls()).toEqual(['extended 3 0102']);
    connection.session.sendExtended(0, Uint8Array.of(9));
    connection.expectSent(writer.encodeExtended(0, Uint8Array.of(9)));
  });

  test('ignores an extended message when BEP 10 is off', () => {
    const connection = new Connection({ extended: false });
    connection.receive(writer.encodeExtended(0, new Uint8Array(2)));
    expect(connection.calls()).toEqual([]);
  });

  test('ignores port messages and unknown messages', () => {
    const connection = new Connection();
    connection.receive(writer.encodePort(6881), Uint8Array.of(0, 0, 0, 2, 77, 1));
    connection.expectSent();
    expect(connection.calls()).toEqual([]);
  });
});

describe('PeerSession, pieces of the peer', () => {
  const some = new Bitfield(PIECES);
  some.add(3);
  some.add(999);

  test.each([
    ['bitfield', writer.encodeBitfield(some), 2],
    ['have all', writer.encodeHaveAll(), PIECES],
    ['have none', writer.encodeHaveNone(), 0],
  ])('takes a %s, also after an extended handshake', (_, message, count) => {
    const connection = new Connection();
    connection.receive(writer.encodeExtended(0, new Uint8Array(2)), message);
    expect(connection.calls()).toEqual(['extended 0 0000', 'bitfield']);
    expect(connection.session.peerPieces.count).toBe(count);
  });

  test('adds each piece that the peer announces with a have, and reports it once', () => {
    const connection = new Connection();
    connection.receive(
      writer.encodeBitfield(some),
      writer.encodeHave(3),
      writer.encodeHave(4),
      writer.encodeHave(4),
    );
    expect(connection.calls()).toEqual(['bitfield', 'have 4']);
    expect(connection.session.peerPieces.has(4)).toBe(true);
  });

  test('takes a second bitfield or have all, as aria2 sends them, as one have for each new piece', () => {
    const connection = new Connection();
    const more = some.clone();
    more.add(7);
    more.add(PIECES - 1);
    connection.receive(writer.encodeHave(3), writer.encodeHave(5), writer.encodeBitfield(more));
    const added = [...Array(PIECES).keys()].filter((index) => more.has(index) && index !== 3 && index !== 5);
    expect(connection.calls()).toEqual(['have 3', 'have 5', ...added.map((index) => `have ${index}`)]);
    expect(connection.session.peerPieces.has(5)).toBe(true);
    connection.receive(writer.encodeHaveAll());
    expect(connection.calls()).toHaveLength(PIECES - added.length - 2);
    connection.receive(writer.encodeHaveAll(), writer.encodeBitfield(some));
    expect(connection.calls()).toEqual([]);
    expect(connection.session.peerPieces.isFull).toBe(true);
  });

  test('refuses a have none after any other message about the pieces of the peer', () => {
    const all = [writer.encodeBitfield(some), writer.encodeHaveAll(), writer.encodeHaveNone()];
    for (const first of [...all, writer.encodeHave(1)]) {
      expect(new Connection().errorAt(first, writer.encodeHaveNone())).toBe('UNEXPECTED_MESSAGE');
    }
  });

  test('ignores the spare bits of a bitfield', () => {
    const connection = new Connection({ geometry: { ...geometry, pieceCount: 1001 } });
    const bytes = writer.encodeBitfield(Bitfield.full(1001));
    bytes[bytes.length - 1] = 0xff;
    connection.receive(bytes);
    expect(connection.session.peerPieces.isFull).toBe(true);
    bytes[bytes.length - 1] = 0x7f;
    const other = new Connection({ geometry: { ...geometry, pieceCount: 1001 } });
    other.receive(bytes);
    expect(other.session.peerPieces.count).toBe(1000);
  });

  test('refuses a have of a piece that the torrent does not have', () => {
    expect(new Connection().errorAt(writer.encodeHave(PIECES - 1))).toBe('nothing thrown');
    expect(new Connection().errorAt(writer.encodeHave(PIECES))).toBe('BAD_INDEX');
  });

  test.each([
    ['allowed fast', writer.encodeAllowedFast],
    ['suggest piece', writer.encodeSuggestPiece],
  ])('ignores a %s of a piece that the torrent does not have', (_, encode) => {
    const connection = new Connection();
    connection.receive(encode(PIECES));
    expect(connection.calls()).toEqual([]);
    connection.receive(encode(PIECES - 1));
    expect(connection.calls()).toHaveLength(1);
  });

  test.each([
    ['have all', writer.encodeHaveAll()],
    ['have none', writer.encodeHaveNone()],
    ['suggest piece', writer.encodeSuggestPiece(1)],
    ['reject', writer.encodeReject(block(1))],
    ['allowed fast', writer.encodeAllowedFast(1)],
  ])('refuses a %s when BEP 6 is off', (_, message) => {
    expect(new Connection({ fast: false }).errorAt(message)).toBe('UNEXPECTED_MESSAGE');
  });

  test('sends our pieces in the shortest message that BEP 6 allows', () => {
    const cases: [boolean, Bitfield, Uint8Array[]][] = [
      [true, Bitfield.full(PIECES), [writer.encodeHaveAll()]],
      [true, new Bitfield(PIECES), [writer.encodeHaveNone()]],
      [true, some, [writer.encodeBitfield(some)]],
      [false, Bitfield.full(PIECES), [writer.encodeBitfield(Bitfield.full(PIECES))]],
      [false, new Bitfield(PIECES), []],
    ];
    for (const [fast, pieces, expected] of cases) {
      const connection = new Connection({ fast });
      connection.session.sendBitfield(pieces);
      connection.session.have(7);
      connection.expectSent(...expected, writer.encodeHave(7));
    }
  });
});

describe('PeerSession, downloading', () => {
  test('copies a requested block into its destination as it arrives', () => {
    const connection = requesting([block(1, 2), block(5)]);
    const bytes = piece(block(1, 2), 7);
    connection.receive(bytes.subarray(0, 100));
    expect(connection.destination!.indexOf(0)).toBe(100 - 13);
    expect(connection.session.outstandingRequests()).toEqual([block(1, 2), block(5)]);
    connection.receive(bytes.subarray(100));
    expect(connection.destination!.every((byte) => byte === 7)).toBe(true);
    expect(connection.calls()).toEqual([`block 1 ${2 * BLOCK_BYTES} ${BLOCK_BYTES}`]);
    expect(connection.session.outstandingRequests()).toEqual([block(5)]);
    expect([connection.session.downloadedBytes, connection.session.discardedBytes]).toEqual([BLOCK_BYTES, 0]);
  });

  test('takes the last block of the last piece, which is shorter', () => {
    const last = { index: PIECES - 1, begin: BLOCK_BYTES, length: 5 };
    const connection = requesting([last]);
    connection.destination = new Uint8Array(5);
    connection.receive(piece(last));
    expect(connection.calls()).toEqual([`block ${PIECES - 1} ${BLOCK_BYTES} 5`]);
  });

  test('discards a block that has no destination', () => {
    const connection = requesting([block(1)]);
    connection.destination = undefined;
    connection.receive(piece(block(1)));
    expect(connection.calls()).toEqual([`blockDiscarded 1 0 ${BLOCK_BYTES}`]);
    expect([connection.session.discardedBytes, connection.session.outstandingCount]).toEqual([
      BLOCK_BYTES,
      0,
    ]);
  });

  test('refuses a destination of another length', () => {
    const connection = requesting([block(1)]);
    connection.destination = new Uint8Array(BLOCK_BYTES + 1);
    expect(() => connection.receive(piece(block(1)))).toThrow(RangeError);
  });

  test.each([
    ['twice', [block(1), block(1)]],
    ['off the grid', [{ index: 1, begin: 1, length: 10 }]],
    ['beyond the piece', [block(1, 4)]],
    ['beyond the last piece', [{ index: PIECES - 1, begin: BLOCK_BYTES, length: 6 }]],
    ['of no piece', [block(PIECES)]],
    ['of no bytes', [{ index: 1, begin: 0, length: 0 }]],
    ['longer than a block', [{ index: 1, begin: 0, length: BLOCK_BYTES + 1 }]],
  ])('does not request a block %s', (_, batch) => {
    const connection = requesting([]);
    expect(() => connection.session.request(batch)).toThrow(RangeError);
    connection.expectSent();
  });

  test('requests only pieces that are allowed fast while choked', () => {
    const connection = new Connection();
    connection.receive(writer.encodeAllowedFast(8), writer.encodeAllowedFast(8));
    expect(connection.calls()).toEqual(['allowedFast 8']);
    expect(() => connection.session.request([block(7)])).toThrow(RangeError);
    connection.session.request([block(8)]);
    connection.expectSent(writer.encodeRequests([block(8)]));
  });

  test('remembers a bounded number of allowed fast pieces', () => {
    const connection = new Connection();
    for (let index = 0; index < PIECES; index += 1) connection.receive(writer.encodeAllowedFast(index));
    expect(connection.session.allowedFast.size).toBe(MAX_ALLOWED_FAST);
  });

  test('reports all requests as rejected when choked without BEP 6, and discards blocks that come late', () => {
    const connection = requesting([block(1), block(2)], { fast: false });
    connection.receive(writer.encodeChoke());
    const rejected = [`rejected 1/0/${BLOCK_BYTES}`, `rejected 2/0/${BLOCK_BYTES}`];
    expect(connection.calls()).toEqual(['choked', ...rejected]);
    expect(connection.session.outstandingCount).toBe(0);
    connection.receive(piece(block(1)));
    expect(connection.calls()).toEqual([`blockDiscarded 1 0 ${BLOCK_BYTES}`]);
  });

  test('waits for each reject when choked with BEP 6', () => {
    const connection = requesting([block(1), block(2)]);
    connection.receive(writer.encodeChoke(), writer.encodeReject(block(2)));
    expect(connection.calls()).toEqual(['choked', `rejected 2/0/${BLOCK_BYTES}`]);
    expect(connection.session.outstandingRequests()).toEqual([block(1)]);
  });

  test('stops writing to the destination of a block that is cancelled while it arrives', () => {
    const connection = requesting([block(1)]);
    const bytes = piece(block(1), 7);
    connection.receive(bytes.subarray(0, 1013));
    expect(connection.session.cancel(block(1))).toBe(true);
    connection.expectSent(writer.encodeCancel(block(1)));
    connection.receive(bytes.subarray(1013));
    expect(connection.destination!.lastIndexOf(7)).toBe(999);
    expect(connection.calls()).toEqual([`blockDiscarded 1 0 ${BLOCK_BYTES}`]);
  });

  test('sends no cancel of a block that was not requested', () => {
    const connection = requesting([]);
    expect(connection.session.cancel(block(1))).toBe(false);
    connection.expectSent();
  });

  test('reports one block when a cancelled request is repeated and both are answered', () => {
    const rejectFirst = requesting([block(1)]);
    rejectFirst.session.cancel(block(1));
    rejectFirst.session.request([block(1)]);
    rejectFirst.receive(writer.encodeReject(block(1)), piece(block(1)));
    expect(rejectFirst.calls()).toEqual([`block 1 0 ${BLOCK_BYTES}`]);

    const bothSent = requesting([block(1)]);
    bothSent.session.cancel(block(1));
    bothSent.session.request([block(1)]);
    bothSent.receive(piece(block(1)), piece(block(1)));
    const calls = [`block 1 0 ${BLOCK_BYTES}`, `blockDiscarded 1 0 ${BLOCK_BYTES}`];
    expect(bothSent.calls()).toEqual(calls);
  });

  test.each([
    ['blocks', piece({ index: 1, begin: 0, length: 1 })],
    ['blocks off the torrent', piece({ index: 0xffffffff, begin: 0xffffffff, length: 1 })],
    ['rejects', writer.encodeReject(block(1))],
  ])('refuses %s that were not requested when there are too many', (_, message) => {
    const connection = new Connection();
    for (let at = 0; at < MAX_STRAY_ANSWERS; at += 1) connection.receive(message);
    expect(connection.errorAt(message)).toBe('TOO_MANY_STRAYS');
  });

  test('allows one more block that was not requested for each block that was', () => {
    const stray = piece({ index: 1, begin: 0, length: 1 });
    const connection = requesting([]);
    for (let at = 0; at < 3 * MAX_STRAY_ANSWERS; at += 1) {
      connection.session.request([block(2)]);
      connection.receive(piece(block(2)), stray);
    }
    expect(connection.calls().length).toBe(6 * MAX_STRAY_ANSWERS);
  });

  test('does not let a block in the wrong place answer a request', () => {
    const connection = requesting([block(1)]);
    connection.receive(piece({ index: 0, begin: PIECE_LENGTH, length: BLOCK_BYTES }));
    connection.receive(piece({ index: 1, begin: 0, length: 10 }));
    expect(connection.session.outstandingCount).toBe(1);
    expect(connection.session.discardedBytes).toBe(BLOCK_BYTES + 10);
  });
});

describe('PeerSession, uploading', () => {
  test('queues requests in order, and sends blocks without copying', () => {
    const connection = serving([block(1), block(2)]);
    const { session } = connection;
    expect(session.queuedRequestCount).toBe(2);
    expect(session.takeRequest()).toEqual(block(1));
    const message = piece(block(1));
    const sent: Uint8Array[] = [];
    connection.events.send = (bytes) => sent.push(bytes);
    expect(session.sendBlock(block(1), message)).toBe(true);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBe(message);
    expect(session.uploadedBytes).toBe(BLOCK_BYTES);
    expect([session.takeRequest(), session.takeRequest()]).toEqual([block(2), undefined]);
  });

  test('queues new requests after its queue was empty', () => {
    const connection = serving([block(1)]);
    expect(connection.session.takeRequest()).toEqual(block(1));
    expect(connection.session.takeRequest()).toBeUndefined();
    connection.receive(writer.encodeRequests([block(2), block(1)]));
    expect(connection.calls()).toEqual(['requestQueued', 'requestQueued']);
    expect([connection.session.takeRequest(), connection.session.takeRequest()]).toEqual([
      block(2),
      block(1),
    ]);
  });

  test('takes blocks of any length and place within a piece', () => {
    const odd = { index: PIECES - 1, begin: 3, length: LAST_PIECE_LENGTH - 3 };
    expect(serving([odd]).session.takeRequest()).toEqual(odd);
  });

  describe.each([
    ['of no piece', block(PIECES)],
    ['beyond its piece', { index: 1, begin: PIECE_LENGTH - 1, length: 2 }],
    ['beyond the last piece', { index: PIECES - 1, begin: 0, length: LAST_PIECE_LENGTH + 1 }],
    ['of no bytes', { index: 1, begin: 0, length: 0 }],
    ['longer than a block may be', { index: 1, begin: 0, length: MAX_BLOCK_LENGTH + 1 }],
    ['that overflows', { index: 1, begin: 0xffffffff, length: 0xffffffff }],
  ])('a request %s', (_, request) => {
    test.each([true, false])('is rejected, and its cancel is ignored (BEP 6: %s)', (fast) => {
      for (const connection of [new Connection({ fast }), serving([block(1)], { fast })]) {
        connection.receive(writer.encodeRequests([request]), writer.encodeCancel(request));
        connection.expectSent(...(fast ? [writer.encodeReject(request)] : []));
        expect(connection.calls()).toEqual([]);
      }
    });

    test('ends the session when there are too many without a good one between them', () => {
      const connection = serving([block(1)]);
      const bad = writer.encodeRequests([request]);
      for (let at = 0; at < MAX_BAD_REQUESTS; at += 1) connection.receive(bad);
      connection.receive(writer.encodeRequests([block(2)]));
      for (let at = 0; at < MAX_BAD_REQUESTS; at += 1) connection.receive(bad);
      expect(connection.errorAt(bad)).toBe('TOO_MANY_BAD_REQUESTS');
    });
  });

  test('takes a request for bytes behind the end of a file in its piece, as libtorrent sends in v2 torrents', () => {
    const geometry = { pieceCount: 2, pieceLength: PIECE_LENGTH, pieceLengthAt: () => 1 };
    const request = (index: number) => writer.encodeRequests([{ index, begin: 0, length: BLOCK_BYTES }]);
    for (const index of [0, 1]) {
      const padded = serving([], { geometry: { ...geometry, isPadded: true } });
      padded.receive(request(index));
      expect(padded.calls()).toEqual(['requestQueued']);
      const other = serving([], { geometry });
      other.receive(request(index));
      expect(other.calls()).toEqual([]);
    }
  });

  test('takes a request of the greatest length', () => {
    const large = { pieceCount: 2, pieceLength: 2 ** 20, pieceLengthAt: () => 2 ** 20 };
    const request = { index: 0, begin: 0, length: MAX_BLOCK_LENGTH };
    expect(serving([request], { geometry: large }).session.takeRequest()).toEqual(request);
  });

  test.each([true, false])('refuses requests of a choked peer (BEP 6: %s)', (fast) => {
    const connection = new Connection({ fast });
    connection.receive(writer.encodeRequests([block(1)]));
    connection.expectSent(...(fast ? [writer.encodeReject(block(1))] : []));
    expect(connection.session.takeRequest()).toBeUndefined();
    expect(connection.calls()).toEqual([]);
  });

  test.each([true, false])('refuses endless requests of a choked peer (BEP 6: %s)', (fast) => {
    const connection = new Connection({ fast });
    const request = writer.encodeRequests([block(1)]);
    for (let at = 0; at < MAX_CHOKED_REQUESTS; at += 1) connection.receive(request);
    expect(connection.errorAt(request)).toBe('TOO_MANY_CHOKED_REQUESTS');
  });

  test('queues requests of a choked peer for pieces that were offered as allowed fast', () => {
    const connection = new Connection();
    connection.session.allowFast([4, 5]);
    connection.expectSent(writer.encodeAllowedFast(4), writer.encodeAllowedFast(5));
    connection.receive(writer.encodeRequests([block(5), block(6)]));
    connection.expectSent(writer.encodeReject(block(6)));
    expect(connection.session.takeRequest()).toEqual(block(5));
    expect(connection.session.sendBlock(block(5), piece(block(5)))).toBe(true);
  });

  test('offers no pieces without BEP 6', () => {
    const connection = new Connection({ fast: false });
    connection.session.allowFast([4]);
    connection.expectSent();
  });

  test.each([true, false])(
    'refuses a block that is already in its queue, and any block when its queue is full (BEP 6: %s)',
    (fast) => {
      const queued = Array.from({ length: MAX_QUEUED_REQUESTS }, (_, at) => block(at >> 2, at & 3));
      const connection = serving(queued, { fast });
      const beyond = block(PIECES - 2);
      const again = { ...block(0), length: 1 };
      connection.receive(writer.encodeRequests([again, beyond]));
      connection.expectSent(...(fast ? [writer.encodeReject(again), writer.encodeReject(beyond)] : []));
      expect(connection.session.queuedRequestCount).toBe(MAX_QUEUED_REQUESTS);
    },
  );

  test.each([true, false])('forgets a cancelled request (BEP 6: %s)', (fast) => {
    const connection = serving([block(1), block(2)], { fast });
    connection.receive(writer.encodeCancel(block(1)), writer.encodeCancel({ ...block(2), length: 1 }));
    connection.expectSent(...(fast ? [writer.encodeReject(block(1))] : []));
    expect(connection.session.takeRequest()).toEqual(block(2));
    connection.receive(writer.encodeCancel(block(2)));
    connection.expectSent();
  });

  test('sends choke before the rejects, and rejects no request for pieces that were offered as allowed fast', () => {
    const connection = serving([block(1), block(2), block(3)]);
    connection.session.allowFast([2]);
    connection.expectSent(writer.encodeAllowedFast(2));
    connection.session.choke();
    connection.expectSent(writer.encodeChoke(), writer.encodeReject(block(1)), writer.encodeReject(block(3)));
    expect([connection.session.takeRequest(), connection.session.takeRequest()]).toEqual([
      block(2),
      undefined,
    ]);
  });

  test('drops its queue, and blocks that are being read, when it chokes without BEP 6', () => {
    const connection = serving([block(1), block(2)], { fast: false });
    const taken = connection.session.takeRequest()!;
    connection.session.choke();
    connection.session.reject(taken);
    expect(connection.session.sendBlock(taken, piece(taken))).toBe(false);
    connection.expectSent(writer.encodeChoke());
    expect([connection.session.queuedRequestCount, connection.session.uploadedBytes]).toEqual([0, 0]);
  });

  test('refuses to send a block message of another length than was requested', () => {
    const connection = serving([block(1)]);
    expect(() => connection.session.sendBlock(block(1), new Uint8Array(BLOCK_BYTES))).toThrow(RangeError);
  });
});

describe('PeerSession, time', () => {
  test('sends a keep-alive when it has sent nothing for the keep-alive interval', () => {
    const connection = new Connection();
    expect(connection.session.nextTimeout()).toBe(KEEP_ALIVE_INTERVAL_MS);
    connection.session.handleTimeout(KEEP_ALIVE_INTERVAL_MS - 1);
    connection.expectSent();
    connection.session.handleTimeout(KEEP_ALIVE_INTERVAL_MS);
    connection.expectSent(writer.encodeKeepAlive());
    expect(connection.session.nextTimeout()).toBe(2 * KEEP_ALIVE_INTERVAL_MS);
  });

  test('postpones the keep-alive when it sends a message', () => {
    const connection = new Connection();
    connection.session.receive(writer.encodeKeepAlive(), 5000);
    connection.session.unchoke();
    expect(connection.session.nextTimeout()).toBe(5000 + KEEP_ALIVE_INTERVAL_MS);
  });

  test('throws when the peer has been silent for the limit', () => {
    const connection = new Connection();
    connection.session.receive(writer.encodeKeepAlive(), 5000);
    connection.session.handleTimeout(PEER_SILENCE_LIMIT_MS);
    expect(() => connection.session.handleTimeout(5000 + PEER_SILENCE_LIMIT_MS)).toThrow(WireError);
  });
});

describe('PeerSession, end', () => {
  test('sends and reports nothing once stopped, also when it is stopped within an event', () => {
    const connection = requesting([block(1), block(2)], { fast: false });
    connection.events.onRejected = () => connection.session.stop();
    connection.receive(writer.encodeChoke(), writer.encodeInterested());
    connection.session.unchoke();
    expect(connection.session.sendBlock(block(1), piece(block(1)))).toBe(false);
    expect(connection.calls()).toEqual(['choked']);
    connection.expectSent();
  });

  test('sends and reports nothing after an error', () => {
    const connection = new Connection();
    expect(connection.errorAt(writer.encodeHave(PIECES))).toBe('BAD_INDEX');
    connection.receive(writer.encodeInterested());
    connection.session.unchoke();
    expect(connection.calls()).toEqual([]);
    connection.expectSent();
  });
});

describe('PeerSession, work that the peer causes', () => {
  const large = {
    pieceCount: 400_000,
    pieceLength: PIECE_LENGTH,
    pieceLengthAt: () => PIECE_LENGTH,
  };

  test('refuses a late bitfield or have all with very many new pieces before it handles any of them', () => {
    for (const late of [writer.encodeHaveAll(), writer.encodeBitfield(Bitfield.full(400_000))]) {
      const connection = new Connection({ geometry: large });
      connection.receive(writer.encodeHave(7));
      connection.calls();
      expect(connection.errorAt(late)).toBe('TOO_MUCH_WORK');
      expect(connection.calls()).toEqual([]);
    }
  });

  test('takes a late bitfield or have all with few new pieces, however many pieces the torrent has', () => {
    const connection = new Connection({ geometry: large });
    const pieces = Bitfield.full(400_000);
    for (let index = 0; index < 100; index += 1) pieces.delete(index);
    connection.receive(writer.encodeBitfield(pieces), writer.encodeHaveAll());
    expect(connection.calls()).toHaveLength(101);
    expect(connection.session.work).toBeLessThan(20_000);
  });

  test.each([
    ['is interested and not', [writer.encodeInterested(), writer.encodeNotInterested()]],
    ['chokes and unchokes', [writer.encodeUnchoke(), writer.encodeChoke()]],
    ['shakes hands', [writer.encodeExtended(0, new Uint8Array(2))]],
    ['asks for hashes', [writer.encodeHashRequest({ ...run, piecesRoot: new Uint8Array(32) })]],
    ['tells all pieces', [writer.encodeHaveAll()]],
  ])('refuses a peer that %s very often in a single read', (_, messages) => {
    const connection = new Connection({ geometry: large });
    const often = Buffer.concat(Array.from({ length: 30_000 }, () => Buffer.concat(messages)));
    expect(connection.errorAt(often)).toBe('TOO_MUCH_WORK');
    expect(connection.calls().length).toBeLessThan(30_000);
  });

  test('takes a whole read full of any message that honest peers send often', () => {
    const readBytes = 512 * 1024;
    for (const message of [
      writer.encodeHave(3),
      writer.encodeRequests([block(0)]),
      writer.encodeCancel(block(0)),
      writer.encodeKeepAlive(),
      writer.encodeSuggestPiece(3),
    ]) {
      const connection = new Connection();
      connection.session.unchoke();
      const often = new Uint8Array(readBytes).map((__, at) => message[at % message.length]!);
      expect(connection.errorAt(often)).toBe('nothing thrown');
    }
  });

  test('counts no work for requests that are answered with whole blocks', () => {
    const connection = new Connection();
    connection.session.unchoke();
    for (let round = 0; round < 100; round += 1) {
      connection.receive(writer.encodeRequests([block(round), block(round, 1)]));
      for (let taken = connection.session.takeRequest(); taken; taken = connection.session.takeRequest())
        connection.session.sendBlock(taken, piece(taken));
    }
    expect(connection.session.work).toBe(0);
    connection.receive(writer.encodeRequests([{ index: 0, begin: 0, length: 1 }]));
    const tiny = connection.session.takeRequest()!;
    connection.session.sendBlock(tiny, piece(tiny));
    expect(connection.session.work).toBeGreaterThan(1.9);
  });
});
