import type { Connection } from '../net/index.ts';
import type { SlotHolder } from './connection-slots.ts';

/** The number of connections that have not said yet which torrent they want. Beyond it, one of the network with most is closed. */
export const MAX_UNVERIFIED_CONNECTIONS = 200;
/** The milliseconds in which a peer must say which torrent it wants when there are {@link MAX_UNVERIFIED_CONNECTIONS}. */
export const HURRIED_HANDSHAKE_MS = 2_000;

/** A connection that came to us and has not said yet which torrent it wants. */
export class UnverifiedConnection implements SlotHolder {
  readonly host: string;
  readonly movedBytes = 0;
  readonly cameAt: number;
  readonly #connection: Connection;

  constructor(connection: Connection, now: number) {
    this.host = connection.remote.host;
    this.#connection = connection;
    this.cameAt = now;
  }

  idleMs(now: number): number {
    return now - this.cameAt;
  }

  giveWay(): void {
    this.#connection.destroy();
  }
}
