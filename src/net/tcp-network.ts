import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import {
  type Address,
  canonicalIp,
  formatAddress,
  lacksDescriptors,
  type ReportError,
  systemClock,
} from '../util/index.ts';
import { closeServer } from './close-server.ts';
import type { Connection, Listener, Network } from './connection.ts';
import { listenError, NetworkError } from './network-error.ts';
import { TcpConnection } from './tcp-connection.ts';

/** The bytes read from a socket at once. One buffer serves all connections, as a read is handled before the next begins. */
export const READ_BUFFER_BYTES = 512 * 1024;

/** The milliseconds between two reports that there is no file descriptor for a connection. */
const SAME_AGAIN_MS = 60_000;

/**
 * Makes the network of TCP. All outgoing connections read into one shared buffer. Incoming ones cannot (`node:net` has no
 * `onread` for them), and get a buffer from Node for each read.
 */
export function tcpNetwork(options: { readonly report: ReportError }): Network {
  const sharedBuffer = new Uint8Array(READ_BUFFER_BYTES);
  // On Windows the kernel gets the buffer before data is there, so that two sockets cannot share one.
  const readBuffer = () => (process.platform === 'win32' ? new Uint8Array(READ_BUFFER_BYTES) : sharedBuffer);

  return {
    async listen({ host, port }, onConnection) {
      const server = createServer({ pauseOnConnect: true }, (socket) => {
        const remote = remoteAddress(socket);
        if (remote === undefined) socket.destroy();
        else onConnection(new TcpConnection(socket, remote, true));
      });
      await new Promise<void>((resolve, reject) => {
        const where = host === undefined ? `port ${port}` : formatAddress({ host, port });
        server.once('error', (error) => reject(listenError(error, where)));
        server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
      });
      server.removeAllListeners('error');
      server.on('error', reportSome(options.report));
      return listenerOf(server);
    },

    dial(address, { signal }) {
      return new Promise<Connection>((resolve, reject) => {
        let connection: TcpConnection | undefined;
        const socket = tcpConnect({
          host: address.host,
          port: address.port,
          onread: {
            buffer: readBuffer(),
            callback: (length, buffer) => {
              connection?.receive(buffer.subarray(0, length));
              return true;
            },
          },
        });
        socket.pause();
        const abort = () => {
          socket.destroy();
          fail('ABORTED', 'it took too long or was given up');
        };
        const fail = (code: 'ABORTED' | 'UNREACHABLE', why: string, cause?: Error) => {
          signal.removeEventListener('abort', abort);
          reject(new NetworkError(code, `Cannot connect to ${formatAddress(address)}: ${why}`, { cause }));
        };
        const onError = (error: Error) => fail('UNREACHABLE', error.message, error);
        socket.once('error', onError);
        socket.once('connect', () => {
          signal.removeEventListener('abort', abort);
          socket.off('error', onError);
          connection = new TcpConnection(socket, address, false);
          resolve(connection);
        });
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true });
      });
    },
  };
}

/** Makes a handler that reports why connections cannot be taken. It reports a lack of descriptors only once a minute. */
function reportSome(report: ReportError): (error: Error) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = systemClock.now();
    if (lacksDescriptors(error)) {
      if (now < toldAt + SAME_AGAIN_MS) return;
      toldAt = now;
    }
    report(error, 'take a connection');
  };
}

function listenerOf(server: ReturnType<typeof createServer>): Listener {
  const bound = server.address();
  if (bound === null || typeof bound === 'string')
    throw new Error(`Listening on ${bound}, which is no TCP port`);
  return {
    address: { host: canonicalIp(bound.address) ?? bound.address, port: bound.port },
    close: () => closeServer(server),
  };
}

/** Finds the address of the other side; `undefined` when that has closed the connection already. */
function remoteAddress(socket: Socket): Address | undefined {
  const host = canonicalIp(socket.remoteAddress?.replace(/%.*$/, '') ?? '');
  return host === undefined || socket.remotePort === undefined
    ? undefined
    : { host, port: socket.remotePort };
}
