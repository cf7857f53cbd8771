import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../util/index.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT, type OpenConnection } from './open-connection.ts';

/** Milliseconds for a request that was handed over: its body to arrive, and its answer to be read. */
export const WEB_REQUEST_TIMEOUT = 300_000;

/** A connection that was handed to the web server, which looks after those only that it has accepted itself. */
export class WebConnection implements OpenConnection {
  deadline: number;
  readonly #socket: Socket;
  readonly #clock: Clock;
  /** Whether the web server still has to read the request that was handed over. */
  #isNew = true;
  /** Of the request that is being answered. */
  #response: ServerResponse | undefined;
  #isDraining = false;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.deadline = clock.now() + HEAD_TIMEOUT;
  }

  /** The web server has got a request here. */
  begin(response: ServerResponse): void {
    this.#isNew = false;
    this.#response = response;
    this.deadline = this.#clock.now() + WEB_REQUEST_TIMEOUT;
    if (this.#isDraining) response.shouldKeepAlive = false;
    response.on('close', () => {
      this.#response = undefined;
      this.deadline = this.#clock.now() + KEEP_ALIVE_TIMEOUT;
      if (this.#isDraining) this.#socket.end();
    });
  }

  drain(): void {
    this.#isDraining = true;
    if (this.#isNew) return;
    if (this.#response === undefined) this.#socket.destroySoon();
    else if (!this.#response.headersSent) this.#response.shouldKeepAlive = false;
  }

  cut(): void {
    this.#socket.destroy();
  }
}
