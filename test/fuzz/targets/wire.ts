import assert from 'node:assert/strict';
import {
  decodeExtendedHandshake,
  ExtensionError,
  encodeExtendedHandshake,
} from '../../../src/extension/index.ts';
import { Bitfield, equalBytes, parseInfoHash, randomBelow, seededRandom } from '../../../src/util/index.ts';
import {
  encodeAllowedFast,
  encodeBitfield,
  encodeCancel,
  encodeChoke,
  encodeExtended,
  encodeHandshake,
  encodeHashes,
  encodeHashReject,
  encodeHashRequest,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeInterested,
  encodeKeepAlive,
  encodeNotInterested,
  encodePieceHeader,
  encodePort,
  encodeReject,
  encodeRequests,
  encodeSuggestPiece,
  encodeUnchoke,
  HandshakeReader,
  type HashRequest,
  type MessageHandler,
  MessageParser,
  PeerSession,
  type PeerSessionEvents,
  WireError,
} from '../../../src/wire/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const PIECE_COUNT = 20;
const PIECE_LENGTH = 32_768;
const GEOMETRY = { pieceCount: PIECE_COUNT, pieceLength: PIECE_LENGTH, pieceLengthAt: () => PIECE_LENGTH };
/** Our outstanding request in each session. */
const BLOCK = { index: 3, begin: 16_384, length: 16_384 };
const HASH_REQUEST: HashRequest = {
  piecesRoot: new Uint8Array(32).fill(5),
  baseLayer: 1,
  index: 0,
  length: 2,
  proofLayers: 2,
};

const GREETING = encodeExtendedHandshake({
  extensions: new Map([
    ['ut_pex', 1],
    ['ut_metadata', 2],
  ]),
  port: 6881,
  version: 'qBittorrent/5.0.0',
  yourIp: '192.0.2.1',
  reqq: 500,
  uploadOnly: true,
  metadataSize: 20_000,
});

/** The messages, one of each kind. */
const MESSAGES: readonly Uint8Array[] = [
  encodeKeepAlive(),
  encodeChoke(),
  encodeUnchoke(),
  encodeInterested(),
  encodeNotInterested(),
  encodeHave(19),
  encodeBitfield(Bitfield.full(PIECE_COUNT)),
  encodeRequests([BLOCK, { index: 0, begin: 0, length: 16_384 }]),
  Buffer.concat([encodePieceHeader({ index: 0, begin: 0, length: 5 }), Buffer.from('block')]),
  encodeCancel(BLOCK),
  encodePort(6881),
  encodeSuggestPiece(1),
  encodeHaveAll(),
  encodeHaveNone(),
  encodeReject(BLOCK),
  encodeAllowedFast(2),
  encodeExtended(0, GREETING),
  encodeHashRequest(HASH_REQUEST),
  encodeHashes(HASH_REQUEST, new Uint8Array(4 * 32)),
  encodeHashReject(HASH_REQUEST),
];

function messageCorpus(): Uint8Array[] {
  const wholeBlock = Buffer.concat([encodePieceHeader(BLOCK), new Uint8Array(BLOCK.length)]);
  return [...MESSAGES, Buffer.concat(MESSAGES), Buffer.concat([encodeUnchoke(), wholeBlock, encodeHave(1)])];
}

/** Writes down what a parser calls; the parts of a block as one. */
class Recorder implements MessageHandler {
  readonly calls: string[] = [];
  #blockBytes = 0;

  onKeepAlive = () => this.#note('keepAlive');
  onChoke = () => this.#note('choke');
  onUnchoke = () => this.#note('unchoke');
  onInterested = () => this.#note('interested');
  onNotInterested = () => this.#note('notInterested');
  onHave = (index: number) => this.#note('have', index);
  onBitfield = (bytes: Uint8Array) => this.#note('bitfield', hexOf(bytes));
  onRequest = (index: number, begin: number, length: number) => this.#note('request', index, begin, length);
  onCancel = (index: number, begin: number, length: number) => this.#note('cancel', index, begin, length);
  onBlockStart = (index: number, begin: number, length: number) => {
    this.#blockBytes = 0;
    this.#note('piece', index, begin, length);
  };
  onBlockData = (bytes: Uint8Array, offset: number) => {
    assert.ok(bytes.length > 0 && offset === this.#blockBytes);
    this.#blockBytes += bytes.length;
  };
  onBlockEnd = () => this.#note('pieceEnd', this.#blockBytes);
  onPort = (port: number) => this.#note('port', port);
  onSuggestPiece = (index: number) => this.#note('suggest', index);
  onHaveAll = () => this.#note('haveAll');
  onHaveNone = () => this.#note('haveNone');
  onReject = (index: number, begin: number, length: number) => this.#note('reject', index, begin, length);
  onAllowedFast = (index: number) => this.#note('allowedFast', index);
  onExtended = (id: number, payload: Uint8Array) => this.#note('extended', id, hexOf(payload));
  onHashRequest = (request: HashRequest) => this.#note('hashRequest', textOf(request));
  onHashes = (request: HashRequest, hashes: Uint8Array) =>
    this.#note('hashes', textOf(request), hexOf(hashes));
  onHashReject = (request: HashRequest) => this.#note('hashReject', textOf(request));
  onUnknown = (id: number, length: number) => this.#note('unknown', id, length);

  #note(...call: (number | string)[]): void {
    this.calls.push(call.join(' '));
  }
}

/** The message stream: chunks give the same calls and the same error as the whole, and little memory is held. */
const messages: FuzzTarget = {
  name: 'wire-messages',
  corpus: messageCorpus,
  refusals: [WireError],
  run(input) {
    const whole = new Recorder();
    const wholeError = errorOf(() => new MessageParser(PIECE_COUNT).push(input, whole));
    const parts = new Recorder();
    const parser = new MessageParser(PIECE_COUNT);
    const partsError = errorOf(() => {
      for (const part of partsOf(input)) {
        parser.push(part, parts);
        assert.ok(parser.heldBytes <= 2 * input.length + 64, 'more is held than has come');
      }
    });
    assert.equal(parts.calls.join('\n'), whole.calls.join('\n'));
    assert.equal(partsError?.message, wholeError?.message);
    if (wholeError !== undefined) throw wholeError;
    return true;
  },
};

/** A whole session, which has a request outstanding of blocks and one of hashes, with BEP 6 and without. */
const session: FuzzTarget = {
  name: 'wire-session',
  corpus: messageCorpus,
  refusals: [WireError],
  run(input) {
    const fast = (input[0] ?? 0) % 2 === 0;
    const events = new SessionEvents();
    const peer = new PeerSession({ geometry: GEOMETRY, fast, extended: true, now: 0 }, events);
    peer.sendBitfield(Bitfield.full(PIECE_COUNT));
    peer.receive(encodeUnchoke(), 0);
    peer.unchoke();
    peer.request([BLOCK, { ...BLOCK, begin: 0 }]);
    peer.hashes.request(HASH_REQUEST);
    const before = events.sentBytes;
    try {
      for (const part of partsOf(input)) peer.receive(part, 1);
    } finally {
      // A reject answers a request, and nothing is longer than what asked for it.
      assert.ok(events.sentBytes - before <= input.length, 'more is sent than has come');
      assert.ok(peer.queuedRequestCount <= input.length / 17 && peer.outstandingCount <= 2);
      assert.ok(peer.peerPieces.count <= PIECE_COUNT);
    }
    return true;
  },
};

class SessionEvents implements PeerSessionEvents {
  sentBytes = 0;

  send(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
  }
  onChoked(): void {}
  onUnchoked(): void {}
  onInterested(): void {}
  onNotInterested(): void {}
  onBitfield(): void {}
  onHave(index: number): void {
    assert.ok(index < PIECE_COUNT);
  }
  onAllowedFast(index: number): void {
    assert.ok(index < PIECE_COUNT);
  }
  onSuggestPiece(index: number): void {
    assert.ok(index < PIECE_COUNT);
  }
  onRequestQueued(): void {}
  onRejected(): void {}
  blockDestination(index: number, _begin: number, length: number): Uint8Array {
    assert.equal(index, BLOCK.index);
    return new Uint8Array(length);
  }
  onBlock(index: number): void {
    assert.equal(index, BLOCK.index);
  }
  onBlockDiscarded(): void {}
  onExtended(): void {}
  onHashRequest(): void {}
  onHashes(request: HashRequest, hashes: Uint8Array): void {
    assert.equal(request, HASH_REQUEST);
    assert.equal(hashes.length, 4 * 32);
  }
  onHashesRejected(): void {}
}

const handshake: FuzzTarget = {
  name: 'wire-handshake',
  corpus: () => [
    encodeHandshake({
      infoHash: parseInfoHash('0123456789abcdef0123456789abcdef01234567'),
      peerId: bytesOf('-qB5000-abcdefghijkl'),
      supports: { fast: true, extended: true, dht: true, v2: true },
    }),
    bytesOf('\x13BitTorrent protocol'),
    bytesOf('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  ],
  refusals: [WireError],
  run(input) {
    const whole = new HandshakeReader();
    const taken = whole.push(input);
    const reader = new HandshakeReader();
    let takenInParts = 0;
    for (const part of partsOf(input)) takenInParts += reader.push(part);
    assert.equal(takenInParts, taken);
    assert.deepEqual(reader.handshake, whole.handshake);
    if (whole.handshake === undefined) return false;
    const again = new HandshakeReader();
    again.push(encodeHandshake(whole.handshake));
    assert.deepEqual(again.handshake, whole.handshake);
    return true;
  },
};

const extended: FuzzTarget = {
  name: 'extended-handshake',
  corpus: () => [
    GREETING,
    // libtorrent, Transmission, µTorrent.
    bytesOf(
      'd12:complete_agoi1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei31235e4:reqqi500e1:v18:libtorrent/2.0.9.06:yourip4:\x7f\0\0\x01e',
    ),
    bytesOf(
      'd1:ei0e1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei100e1:pi51413e4:reqqi512e11:upload_onlyi0e1:v17:Transmission 4.0e',
    ),
    bytesOf('d1:md11:LT_metadatai1e6:\xc2\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e'),
  ],
  form: 'bencode',
  tokens: ['ipv4', 'ipv6', 'reqq', 'upload_only', 'metadata_size'],
  refusals: [ExtensionError],
  run(input) {
    const said = decodeExtendedHandshake(input);
    assert.ok(said.extensions.size <= 64);
    assert.ok(!/\p{C}/u.test(said.version ?? ''));
    // A handshake that is heard twice changes nothing.
    const again = encodeExtendedHandshake(decodeExtendedHandshake(input, said));
    assert.ok(equalBytes(again, encodeExtendedHandshake(said)));
    return true;
  },
};

/** Cuts an input into some parts, at the same places each time. */
export function* partsOf(input: Uint8Array): Generator<Uint8Array> {
  const random = seededRandom(input.length);
  const longest = 1 + Math.ceil(input.length / (1 + randomBelow(random, 8)));
  for (let at = 0; at < input.length; ) {
    const end = at + 1 + randomBelow(random, longest);
    yield input.subarray(at, end);
    at = end;
  }
}

/** @returns what was thrown of the parser's own errors */
function errorOf(work: () => void): WireError | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof WireError) return thrown;
    throw thrown;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function textOf({ piecesRoot, baseLayer, index, length, proofLayers }: HashRequest): string {
  return `${hexOf(piecesRoot)} ${baseLayer} ${index} ${length} ${proofLayers}`;
}

export const wireTargets: readonly FuzzTarget[] = [messages, session, handshake, extended];
