import type { Socket } from 'node:net';

/**
 * Collects messages until everything was read that the kernel had. A peer that gets offers of many others is then written to
 * once; with a thousand busy peers most of the time would go into these writes.
 */
export class Outbox {
  readonly #corked: Socket[] = [];

  send(socket: Socket, bytes: Buffer): void {
    if (socket.writableCorked === 0) {
      socket.cork();
      if (this.#corked.push(socket) === 1) setImmediate(this.#flush);
    }
    socket.write(bytes);
  }

  readonly #flush = (): void => {
    for (const socket of this.#corked) socket.uncork();
    this.#corked.length = 0;
  };
}
