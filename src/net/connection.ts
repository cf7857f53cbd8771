import type { Address } from '../util/index.ts';

/** The default of {@link Connection.lowWaterBytes}: while more bytes wait to be sent, the owner need not hand over more. */
export const SEND_LOW_WATER_BYTES = 512 * 1024;

/** The callbacks of a connection to its one owner. They are set once, before the first byte can arrive. */
export interface ConnectionHandler {
  /** Bytes have arrived. The view is valid until the handler returns. */
  onData(bytes: Uint8Array): void;
  /** The bytes that wait to be sent have fallen below {@link Connection.lowWaterBytes} after they had been above it. */
  onDrain(): void;
  /**
   * The connection has ended. This is called once.
   *
   * @param error `undefined` when the other side or {@link Connection.destroy} has ended it
   */
  onClose(error: Error | undefined): void;
}

/** A stream of bytes to one remote, over TCP or simulated. */
export interface Connection {
  readonly remote: Address;
  /** Whether the other side opened it. */
  readonly isIncoming: boolean;
  /** The bytes given to {@link write} that have not left yet. */
  readonly bytesWaiting: number;
  /** The number of waiting bytes below which `onDrain` is called; at first {@link SEND_LOW_WATER_BYTES}. */
  lowWaterBytes: number;
  /** Begins to read. Call it once, in the same turn of the event loop in which you get the connection. */
  start(handler: ConnectionHandler): void;
  /**
   * Sends bytes after all earlier ones. They are not copied: do not change them until `onSent` is called, once, when they
   * have left or the connection has ended.
   */
  write(bytes: Uint8Array, onSent?: () => void): void;
  /** Holds written bytes back until {@link uncork}, so that small messages leave together. */
  cork(): void;
  uncork(): void;
  /** Stops reading from the other side until {@link resume}: back-pressure. */
  pause(): void;
  resume(): void;
  /** Closes the connection at once. Bytes that wait may be lost. `onClose` follows. */
  destroy(): void;
}

/** The port to a network, TCP or a simulated one: it opens connections and takes them. */
export interface Network {
  /**
   * Listens for connections.
   *
   * @param options the `host` is the address to listen on, by default all of IPv6 and IPv4; the `port` is 0 for any
   * @throws {NetworkError} PORT_IN_USE, NOT_PERMITTED, BAD_ADDRESS or UNREACHABLE
   */
  listen(
    options: { readonly host?: string | undefined; readonly port: number },
    onConnection: (connection: Connection) => void,
  ): Promise<Listener>;
  /** Opens a connection. @throws {NetworkError} when it cannot be opened, or `signal` aborts */
  dial(address: Address, options: { readonly signal: AbortSignal }): Promise<Connection>;
}

/** A listener on one port. */
export interface Listener {
  readonly address: Address;
  /** Stops taking connections. Open connections stay open. */
  close(): Promise<void>;
}
