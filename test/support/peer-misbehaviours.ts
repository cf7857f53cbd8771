import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

// The protocol's bytes are written out by hand here, so that a mistake in our codec is not made twice.

export const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1');
export const HANDSHAKE_BYTES = 68;
const BLOCK_BYTES = 16_384;
const UNCHOKE = 1;
export const INTERESTED = 2;
export const HAVE = 4;
export const BITFIELD = 5;
export const REQUEST = 6;
/** Makes a message with its length prefix. */
export const REQUEST_BYTES = 17;
export const PIECE = 7;

/** A `request` that arrived. */
export interface BlockRequest {
  readonly index: number;
  readonly begin: number;
  readonly length: number;
}

/** The acts of a bad peer where an honest seed would behave. */
export interface Misbehaviour {
  /** Instead of answering the handshake. */
  readonly greet: (socket: Socket, theirHandshake: Buffer) => void;
  /** Instead of a full bitfield and an unchoke. */
  readonly introduce: (socket: Socket, pieceCount: number) => void;
  /** Called for each request; an honest answer is not to be had here. */
  readonly serve: (socket: Socket, request: BlockRequest) => void;
}

const noAnswer = () => undefined;
const zeros = ({ length }: BlockRequest) => Buffer.alloc(length);

const MISBEHAVIOURS = {
  /** Accepts, and never says anything. */
  silence: { greet: noAnswer },
  /** Hangs up as soon as it is greeted. */
  'hang-up': { greet: (socket) => socket.destroy() },
  /** Answers the handshake with noise. */
  garbage: { greet: (socket) => socket.write(randomBytes(4_096)) },
  /** Stops in the middle of its handshake. */
  'half-handshake': { greet: (socket) => socket.write(PROTOCOL) },
  /** Has another torrent than the one asked for. */
  'wrong-info-hash': { greet: (socket) => socket.write(handshake(randomBytes(20))) },
  /** Noise after a good handshake. */
  'garbage-messages': { introduce: (socket) => socket.write(randomBytes(4_096)) },
  /** A bitfield that is one byte too long. */
  'wrong-bitfield': {
    introduce: (socket, pieceCount) =>
      send(socket, BITFIELD, Buffer.alloc(Math.ceil(pieceCount / 8) + 1, 0xff)),
  },
  /** Has a piece that the torrent does not have. */
  'wrong-have': { introduce: (socket, pieceCount) => send(socket, HAVE, uint32(pieceCount)) },
  /** Messages whose length does not fit their type. */
  'wrong-lengths': {
    introduce: (socket) => {
      send(socket, UNCHOKE, Buffer.alloc(9));
      send(socket, HAVE, Buffer.alloc(1));
      send(socket, PIECE, Buffer.alloc(3));
    },
  },
  /** Announces a message of nearly 4 GiB and begins to send it. */
  'huge-message': {
    introduce: (socket) => socket.write(Buffer.concat([uint32(0xffff_fffe), Buffer.alloc(65_536, PIECE)])),
  },
  /** Has everything, and never unchokes. */
  'never-unchokes': { introduce: (socket, pieceCount) => send(socket, BITFIELD, fullBitfield(pieceCount)) },
  /** Blocks nobody asked for. */
  'unasked-blocks': {
    introduce: (socket, pieceCount) => {
      beginSeeding(socket, pieceCount);
      for (let index = 0; index < pieceCount; index += 1)
        sendBlock(socket, index, 0, Buffer.alloc(BLOCK_BYTES));
    },
    serve: noAnswer,
  },
  /** Takes every request and answers none. */
  'takes-requests': { serve: noAnswer },
  /** Answers every request with zeros. */
  'corrupt-pieces': {
    serve: (socket, request) => sendBlock(socket, request.index, request.begin, zeros(request)),
  },
  /** Answers every request with a block that is one byte short. */
  'short-blocks': {
    serve: (socket, request) => sendBlock(socket, request.index, request.begin, zeros(request).subarray(1)),
  },
  /** Answers every request with a block that stands elsewhere. */
  'misplaced-blocks': {
    serve: (socket, request) => sendBlock(socket, request.index, request.begin + 1, zeros(request)),
  },
} as const satisfies Record<string, Partial<Misbehaviour>>;

/** See the comment of each in this file. */
export type PeerMisbehaviour = keyof typeof MISBEHAVIOURS;

/** The names of all misbehaviours, for `test.each`. */
export const PEER_MISBEHAVIOURS = Object.keys(MISBEHAVIOURS) as PeerMisbehaviour[];

/** The whole behaviour: honest up to where it misbehaves. */
export function behaviourOf(misbehaviour: PeerMisbehaviour): Misbehaviour {
  const change: Partial<Misbehaviour> = MISBEHAVIOURS[misbehaviour];
  // A peer that greets badly has nothing to say after it.
  const introduce = change.greet === undefined ? beginSeeding : noAnswer;
  return { greet: greetBack, introduce, serve: noAnswer, ...change };
}

function greetBack(socket: Socket, theirHandshake: Buffer): void {
  socket.write(handshake(theirHandshake.subarray(28, 48)));
}

export function handshake(infoHash: Uint8Array): Buffer {
  return Buffer.concat([PROTOCOL, Buffer.alloc(8), infoHash, Buffer.from('-BAD001-'), randomBytes(12)]);
}

function beginSeeding(socket: Socket, pieceCount: number): void {
  send(socket, BITFIELD, fullBitfield(pieceCount));
  send(socket, UNCHOKE);
}

function sendBlock(socket: Socket, index: number, begin: number, block: Uint8Array): void {
  send(socket, PIECE, Buffer.concat([uint32(index), uint32(begin), block]));
}

export function send(socket: Socket, type: number, payload: Uint8Array = Buffer.alloc(0)): void {
  socket.write(Buffer.concat([uint32(payload.length + 1), Buffer.of(type), payload]));
}

function fullBitfield(pieceCount: number): Buffer {
  const bitfield = Buffer.alloc(Math.ceil(pieceCount / 8), 0xff);
  if (pieceCount % 8 !== 0) bitfield[bitfield.length - 1] = 0xff << (8 - (pieceCount % 8));
  return bitfield;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
