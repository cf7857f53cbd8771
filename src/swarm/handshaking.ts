import type { Connection, ConnectionHandler } from '../net/index.ts';
import { type CancelTimer, type Clock, formatAddress, ShoalError, toError } from '../util/index.ts';
import { encodeHandshake, type Handshake, type HandshakeOpening, HandshakeReader } from '../wire/index.ts';

/** The milliseconds within which a peer must send its whole handshake. After them the connection is closed. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The error of a connection on which the handshakes were not exchanged. */
export class HandshakeError extends ShoalError<'TIMED_OUT' | 'CLOSED' | 'REFUSED'> {}

/** The options of {@link shakeHands}. */
export interface HandshakeOptions {
  readonly clock: Clock;
  /**
   * The handshake that we send. On a connection that we opened it is a value and is sent at once. On one that came to us
   * it is a function, which makes the response to the peer's opening, or returns `undefined` to refuse the peer.
   */
  readonly ours: Handshake | ((opening: HandshakeOpening) => Handshake | undefined);
  /** Takes the peer over. @returns the handler of all further events; `undefined` to refuse the peer */
  onDone(theirs: Handshake): ConnectionHandler | undefined;
  /** Hears why the exchange failed. The connection is closed. */
  onFailed(error: Error): void;
}

/**
 * Exchanges handshakes on a new connection. To a peer that came to us we respond as soon as its info-hash is there, because
 * some peers send their peer id only after that.
 *
 * @see BEP 3
 */
export function shakeHands(connection: Connection, options: HandshakeOptions): void {
  connection.start(new Handshaking(connection, options));
}

/** Handles the events of one connection: until the handshakes are exchanged itself, then by the handler of the peer. */
class Handshaking implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #options: HandshakeOptions;
  readonly #reader = new HandshakeReader();
  readonly #cancelTimer: CancelTimer;
  #hasSent = false;
  #next: ConnectionHandler | undefined;
  #hasFailed = false;

  constructor(connection: Connection, options: HandshakeOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#cancelTimer = options.clock.setTimer(HANDSHAKE_TIMEOUT_MS, () =>
      this.#fail(
        new HandshakeError(
          'TIMED_OUT',
          this.#message(`the peer sent no whole handshake within ${HANDSHAKE_TIMEOUT_MS / 1000} s`),
        ),
      ),
    );
    if (typeof options.ours !== 'function') this.#send(options.ours);
  }

  onData(bytes: Uint8Array): void {
    if (this.#hasFailed) return;
    let taken = 0;
    if (this.#next === undefined) {
      try {
        taken = this.#read(bytes);
      } catch (thrown) {
        this.#fail(toError(thrown));
      }
    }
    if (taken < bytes.length) this.#next?.onData(bytes.subarray(taken));
  }

  onDrain(): void {
    this.#next?.onDrain();
  }

  onClose(error: Error | undefined): void {
    if (this.#next !== undefined) this.#next.onClose(error);
    else this.#fail(error ?? new HandshakeError('CLOSED', this.#message('the peer closed the connection')));
  }

  /** Reads bytes of the peer's handshake. @returns how many of them belong to it */
  #read(bytes: Uint8Array): number {
    const taken = this.#reader.push(bytes);
    const { opening, handshake } = this.#reader;
    const { ours } = this.#options;
    if (opening !== undefined && !this.#hasSent && typeof ours === 'function') {
      const response = ours(opening);
      if (response === undefined) {
        throw new HandshakeError(
          'REFUSED',
          this.#message(`there is no torrent ${opening.infoHash} here, or no room for another peer of it`),
        );
      }
      this.#send(response);
    }
    if (handshake === undefined) return taken;
    this.#next = this.#options.onDone(handshake);
    if (this.#next === undefined)
      throw new HandshakeError('REFUSED', this.#message('the peer is not wanted'));
    this.#cancelTimer();
    return taken;
  }

  #send(handshake: Handshake): void {
    this.#hasSent = true;
    this.#connection.write(encodeHandshake(handshake));
  }

  #fail(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#cancelTimer();
    this.#connection.destroy();
    this.#options.onFailed(error);
  }

  #message(why: string): string {
    return `Cannot shake hands with ${formatAddress(this.#connection.remote)}: ${why}`;
  }
}
