import type { Socket } from 'node:net';

/**
 * Collects what is to be sent until everything was read that the kernel had: a peer that many have offers for is then
 * written to once. With a thousand busy peers that is what most of the time would go into.
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
