import { EventEmitter } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  behaviourOf,
  HANDSHAKE_BYTES,
  type PeerMisbehaviour,
  PROTOCOL,
  REQUEST,
  REQUEST_BYTES,
} from './peer-misbehaviours.ts';
import { untilEvent } from './time.ts';

/** A listening peer that misbehaves. */
export interface BadPeer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The number of connections that began with a handshake so far. */
  readonly connections: number;
  /** The number of blocks that it was asked for so far. */
  readonly requests: number;
  /** Waits until it is asked for its `count`th block, counted from its start. */
  untilRequested(count?: number, signal?: AbortSignal): Promise<void>;
  /** Waits until a connection that began with a handshake has ended, by whomever; one that ended already counts. */
  untilDisconnected(signal?: AbortSignal): Promise<void>;
}

/**
 * Starts a peer that claims to have all of any torrent it is asked for, and misbehaves.
 *
 * @param options `pieceCount` of the torrent it is used with
 *
 * @example
 * ```ts
 * await using bad = await startBadPeer('corrupt-pieces', { pieceCount: metainfo.pieceCount });
 * torrent.addPeer({ host: bad.host, port: bad.port });
 * await bad.untilDisconnected(); // banned
 * ```
 */
export async function startBadPeer(
  misbehaviour: PeerMisbehaviour,
  { pieceCount, host = '127.0.0.1' }: { readonly pieceCount: number; readonly host?: string },
): Promise<BadPeer> {
  const { greet, introduce, serve } = behaviourOf(misbehaviour);
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  const counts = { connections: 0, requests: 0, disconnections: 0 };

  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    let isGreeted = false;
    sockets.add(socket);
    // A program that is treated so badly may well reset the connection.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (!isGreeted) return;
      counts.disconnections += 1;
      events.emit('disconnected');
    });
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (!isGreeted && received.length >= HANDSHAKE_BYTES) {
        // Some try an encrypted handshake first, and a plain one after this.
        if (!received.subarray(0, PROTOCOL.length).equals(PROTOCOL)) return void socket.destroy();
        isGreeted = true;
        counts.connections += 1;
        greet(socket, received.subarray(0, HANDSHAKE_BYTES));
        introduce(socket, pieceCount);
        received = received.subarray(HANDSHAKE_BYTES);
      }
      while (isGreeted && received.length >= 4 && received.length >= 4 + received.readUInt32BE()) {
        const end = 4 + received.readUInt32BE();
        if (end === REQUEST_BYTES && received[4] === REQUEST) {
          counts.requests += 1;
          events.emit('requested');
          const [index, begin, length] = [5, 9, 13].map((at) => received.readUInt32BE(at));
          serve(socket, { index: index!, begin: begin!, length: length! });
        }
        received = received.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });

  return {
    host,
    port: (server.address() as AddressInfo).port,
    get connections() {
      return counts.connections;
    },
    get requests() {
      return counts.requests;
    },
    async untilRequested(count = 1, signal) {
      if (counts.requests < count) {
        await untilEvent(events, 'requested', () => counts.requests >= count, signal);
      }
    },
    async untilDisconnected(signal) {
      if (counts.disconnections === 0) await untilEvent(events, 'disconnected', undefined, signal);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<unknown>((resolve) => server.close(resolve));
    },
  };
}
