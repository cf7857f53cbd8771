/** A connection of the tracker's port, whoever has it. */
export interface OpenConnection {
  /** When the server may end the connection, whatever it is doing. */
  deadline: number;
  /** Ends it as soon as what was asked is answered, and says so there; at once when nothing was. */
  drain(): void;
}
