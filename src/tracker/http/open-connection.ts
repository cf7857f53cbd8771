/** Milliseconds for a request's head to arrive whole, for its answer to be there, and for a client to read answers. */
export const HEAD_TIMEOUT = 10_000;
/** Milliseconds that a connection may stand idle between requests. */
export const KEEP_ALIVE_TIMEOUT = 60_000;

/** A connection of the tracker's port, whoever has it. */
export interface OpenConnection {
  /** When the server may end the connection, whatever it is doing. */
  deadline: number;
  /** Ends it as soon as what was asked is answered, and says so there; at once when nothing was. */
  drain(): void;
  /** Ends it at once. */
  cut(): void;
}
