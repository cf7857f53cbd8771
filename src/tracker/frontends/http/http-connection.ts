/** Milliseconds for the head of a request to arrive whole, for its response to be made, and for a client to read responses. */
export const HEAD_TIMEOUT = 10_000;
/** Milliseconds that a connection may stand idle between requests. */
export const KEEP_ALIVE_TIMEOUT = 60_000;

/**
 * A connection of a port, from when it is accepted until it closes. `SocketConnection` is the implementation on Node's
 * public sockets; it can do all that a connection can be asked for. The one in `handles/` is on what is under these
 * sockets, for the usual requests; see ADR 16.
 */
export interface HttpConnection {
  /** The time of the port's clock from which on the port closes the connection, whatever it is doing. */
  readonly deadline: number;
  /** Whether a request is being answered. Connections that are not busy give way to others first. */
  readonly isBusy: boolean;
  /** Looks whether the client goes on reading and sending; if it does not, the deadline becomes `now`. */
  check(now: number): void;
  /** Closes the connection once the requests that have arrived are answered; at once when there are none. */
  drain(): void;
  /** Closes the connection at once. */
  cut(): void;
}
