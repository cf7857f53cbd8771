import { EventEmitter } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { untilEvent } from '../support/index.ts';

/** Stands before a seeder, and lets through only so many of its bytes. */
export interface Gate extends AsyncDisposable {
  readonly port: number;
  /** Waits until it holds bytes back. */
  untilShut(): Promise<void>;
  /** Lets through all that comes and is held back. */
  open(): void;
}

/**
 * Starts a gate before the port of a seeder: with it a download stops at a known place, for as long as a test wants.
 *
 * @param limit bytes of the seeder, over all connections, after which it is shut
 */
export async function startGate(seederPort: number, limit: number): Promise<Gate> {
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  let left = limit;
  let isShut = false;

  const server = createServer((client) => {
    const seeder = connect(seederPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, seeder],
      [seeder, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(seeder);
    seeder.on('data', (bytes: Buffer) => {
      const passed = bytes.subarray(0, left);
      left -= passed.length;
      client.write(passed);
      if (passed.length === bytes.length) return;
      seeder.pause();
      seeder.unshift(bytes.subarray(passed.length));
      isShut = true;
      events.emit('shut');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    async untilShut() {
      if (!isShut) await untilEvent(events, 'shut');
    },
    open() {
      left = Number.POSITIVE_INFINITY;
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<unknown>((resolve) => server.close(resolve));
    },
  };
}
