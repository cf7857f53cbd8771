/**
 * A stage in the life of a connection on a socket: {@link SocketConnection} goes from one stage to the next, and
 * never back.
 */
export interface SocketStage {
  /** The time of the port's clock from which on the port closes the connection. */
  readonly deadline: number;
  /** Whether a request is being answered; `undefined`: none is. */
  readonly isBusy?: boolean;
  /** Looks whether the client goes on reading and sending; if it does not, the deadline becomes `now`. */
  check?(now: number): void;
  /** Closes the connection once the requests that have arrived are answered; at once when there are none. */
  drain(): void;
  /** Closes the connection at once. */
  cut(): void;
  /** Is called when the connection has closed during this stage. */
  end?(): void;
}
