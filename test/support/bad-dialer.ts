import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BITFIELD, HAVE, handshake, INTERESTED, PIECE, REQUEST, send, uint32 } from './peer-misbehaviours.ts';
import { deadline } from './time.ts';

interface Torrent {
  readonly infoHash: string;
  readonly pieceCount: number;
}

const greetAnd =
  (misbehave: (socket: Socket, torrent: Torrent) => void) => (socket: Socket, torrent: Torrent) => {
    socket.write(handshake(Buffer.from(torrent.infoHash, 'hex')));
    misbehave(socket, torrent);
  };

const request = (socket: Socket, index: number, begin: number, length: number) =>
  send(socket, REQUEST, Buffer.concat([uint32(index), uint32(begin), uint32(length)]));

const MISBEHAVIOURS = {
  /** Connects and never says anything. */
  silence: () => undefined,
  /** Noise in place of a handshake. */
  garbage: (socket) => socket.write(randomBytes(4_096)),
  /** Stops in the middle of its handshake. */
  'half-handshake': (socket, { infoHash }) =>
    socket.write(handshake(Buffer.from(infoHash, 'hex')).subarray(0, 40)),
  /** Asks for a torrent that is not here. */
  'wrong-info-hash': (socket) => socket.write(handshake(randomBytes(20))),
  /** A good handshake, and then nothing. */
  'greets-only': greetAnd(() => undefined),
  /** Noise after a good handshake. */
  'garbage-messages': greetAnd((socket) => socket.write(randomBytes(4_096))),
  /** Messages whose length does not fit their type. */
  'wrong-lengths': greetAnd((socket) => {
    send(socket, INTERESTED, Buffer.alloc(9));
    send(socket, HAVE, Buffer.alloc(1));
    send(socket, REQUEST, Buffer.alloc(5));
  }),
  /** A bitfield that is one byte too long. */
  'wrong-bitfield': greetAnd((socket, { pieceCount }) =>
    send(socket, BITFIELD, Buffer.alloc(Math.ceil(pieceCount / 8) + 1)),
  ),
  /** Announces a message of nearly 4 GiB and begins to send it. */
  'huge-message': greetAnd((socket) =>
    socket.write(Buffer.concat([uint32(0xffff_fffe), Buffer.alloc(65_536, PIECE)])),
  ),
  /** Asks for blocks of pieces that do not exist, of no length, and of far too much, again and again. */
  'wrong-requests': greetAnd((socket, { pieceCount }) => {
    send(socket, INTERESTED);
    for (let count = 0; count < 100; count += 1) {
      request(socket, pieceCount, 0, 16_384);
      request(socket, 0, 0xffff_ff00, 16_384);
      request(socket, 0, 0, 0);
      request(socket, 0, 0, 0x7fff_ffff);
    }
  }),
  /** Asks for the same block 100,000 times, and reads nothing. */
  'request-flood': greetAnd((socket) => {
    socket.pause();
    send(socket, INTERESTED);
    for (let count = 0; count < 100_000; count += 1) request(socket, 0, 0, 16_384);
  }),
  /** Sends blocks to somebody who has everything. */
  'unasked-blocks': greetAnd((socket) => {
    for (let count = 0; count < 10; count += 1) send(socket, PIECE, Buffer.alloc(8 + 16_384));
  }),
} as const satisfies Record<string, (socket: Socket, torrent: Torrent) => unknown>;

/** See the comment of each in this file. */
export type DialerMisbehaviour = keyof typeof MISBEHAVIOURS;

/** The names of all misbehaviours, for `test.each`. */
export const DIALER_MISBEHAVIOURS = Object.keys(MISBEHAVIOURS) as DialerMisbehaviour[];

/** A connection to somebody who deserves better. */
export interface BadDialer extends AsyncDisposable {
  /** Waits until the other side hangs up. */
  untilDisconnected(signal?: AbortSignal): Promise<void>;
}

/**
 * Connects to a peer as one who wants a torrent, and misbehaves.
 *
 * @param options where the peer listens; the torrent it has: its info-hash in 40 hex digits, and its number of pieces
 *
 * @example
 * ```ts
 * await using bad = await dialBadly('wrong-lengths', { host, port: seeder.port, infoHash, pieceCount });
 * await bad.untilDisconnected();
 * ```
 */
export async function dialBadly(
  misbehaviour: DialerMisbehaviour,
  { host, port, ...torrent }: Torrent & { readonly host: string; readonly port: number },
): Promise<BadDialer> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  const disconnected = new AbortController();
  // A program that is treated so badly may well reset the connection.
  socket.on('error', () => undefined);
  socket.on('close', () => disconnected.abort());
  socket.resume();
  MISBEHAVIOURS[misbehaviour](socket, torrent);
  return {
    async untilDisconnected(signal = deadline()) {
      if (!disconnected.signal.aborted) await once(disconnected.signal, 'abort', { signal });
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
