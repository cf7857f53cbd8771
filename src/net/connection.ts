import type { Address } from '../util/index.ts';

/** While more than this waits to be sent, the next need not be handed over yet, unless its owner says otherwise. */
export const SEND_LOW_WATER_BYTES = 512 * 1024;

/** The events that a connection tells its one owner. Set once, before the first byte can arrive. */
export interface ConnectionHandler {
  /** Bytes came in. The view is valid until the handler returns. */
  onData(bytes: Uint8Array): void;
  /** The bytes that wait to be sent have fallen below {@link Connection.lowWaterBytes}, after they had been above. */
  onDrain(): void;
  /** It is over, once: `error` when it did not end by itself or by {@link Connection.destroy}. */
  onClose(error: Error | undefined): void;
}

/** A stream of bytes to one remote, over TCP or simulated. */
export interface Connection {
  readonly remote: Address;
  /** Whether the other side opened it. */
  readonly isIncoming: boolean;
  /** Bytes handed to {@link write} that have not left yet. */
  readonly bytesWaiting: number;
  /** Where `onDrain` is called; {@link SEND_LOW_WATER_BYTES} unless set. */
  lowWaterBytes: number;
  /** Must be called once, in the same turn in which the connection was handed over. */
  start(handler: ConnectionHandler): void;
  /**
   * Sends bytes after all sent before. They are not copied: leave them alone until `onSent`, which is called once, when
   * they have left or the connection is over.
   */
  write(bytes: Uint8Array, onSent?: () => void): void;
  /** Holds back what is written until {@link uncork}, so that small messages leave together. */
  cork(): void;
  uncork(): void;
  /** Stops reading from the other side until {@link resume}: back-pressure. */
  pause(): void;
  resume(): void;
  /** Closes at once; what is waiting may be lost. `onClose` follows. */
  destroy(): void;
}

/** Opens connections and takes them: TCP, or a simulated network. */
export interface Network {
  /**
   * @param host address to listen on; absent: all, IPv6 and IPv4
   * @param port 0 for any
   * @throws {NetworkError} PORT_IN_USE, …
   */
  listen(
    options: { readonly host?: string | undefined; readonly port: number },
    onConnection: (connection: Connection) => void,
  ): Promise<Listener>;
  /** @throws {NetworkError} when it cannot be opened, also when `signal` says to stop */
  dial(address: Address, options: { readonly signal: AbortSignal }): Promise<Connection>;
}

export interface Listener {
  readonly address: Address;
  /** Takes no more connections; those that are open stay so. */
  close(): Promise<void>;
}
