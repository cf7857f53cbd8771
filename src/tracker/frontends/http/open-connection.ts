/** Milliseconds for a request's head to arrive whole, for its answer to be there, and for a client to read answers. */
export const HEAD_TIMEOUT = 10_000;
/** Milliseconds that a connection may stand idle between requests. */
export const KEEP_ALIVE_TIMEOUT = 60_000;

/** A connection of the tracker's port, whoever has it. */
export interface OpenConnection {
  /** When the server may end the connection, whatever it is doing. */
  deadline: number;
  /** Whether a request is being answered: others give way before it. Absent: none is. */
  readonly isBusy?: boolean;
  /** Ends it as soon as what was asked is answered, and says so there; at once when nothing was. */
  drain(): void;
  /** Ends it at once. */
  cut(): void;
  /** Looks whether the client does its part; if not, its time is up. @param now time of the port's clock */
  check?(now: number): void;
  /** The socket has closed. */
  end?(): void;
}
