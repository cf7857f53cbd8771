import type { Connection, ConnectionHandler } from '../net/index.ts';
import { type CancelTimer, type Clock, formatAddress, ShoalError, toError } from '../util/index.ts';
import { encodeHandshake, type Handshake, type HandshakeOpening, HandshakeReader } from '../wire/index.ts';

/** A connection on which no whole handshake came within this time is closed. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Why a connection did not become a peer. */
export class HandshakeError extends ShoalError<'TIMED_OUT' | 'CLOSED' | 'REFUSED'> {}

export interface HandshakeOptions {
  readonly clock: Clock;
  /** Outgoing: what we say first. Incoming: what we answer, nothing to refuse the peer. */
  readonly ours: Handshake | ((opening: HandshakeOpening) => Handshake | undefined);
  /** Takes the peer over: all further events go to the handler it returns. `undefined` refuses the peer. */
  onDone(theirs: Handshake): ConnectionHandler | undefined;
  /** It came to nothing; the connection is closed. */
  onFailed(error: Error): void;
}

/**
 * Exchanges handshakes on a fresh connection. Incoming, we answer as soon as the info-hash is there: some peers send
 * their peer id only after that.
 *
 * @see BEP 3
 */
export function shakeHands(connection: Connection, options: HandshakeOptions): void {
  connection.start(new Handshaking(connection, options));
}

class Handshaking implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #options: HandshakeOptions;
  readonly #reader = new HandshakeReader();
  readonly #cancelTimer: CancelTimer;
  #hasAnswered = false;
  #next: ConnectionHandler | undefined;
  #hasFailed = false;

  constructor(connection: Connection, options: HandshakeOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#cancelTimer = options.clock.setTimer(HANDSHAKE_TIMEOUT_MS, () =>
      this.#fail(
        new HandshakeError('TIMED_OUT', this.#message(`nothing whole came in ${HANDSHAKE_TIMEOUT_MS} ms`)),
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

  /** @returns how many of the bytes belong to the handshake */
  #read(bytes: Uint8Array): number {
    const taken = this.#reader.push(bytes);
    const { opening, handshake } = this.#reader;
    const { ours } = this.#options;
    if (opening !== undefined && !this.#hasAnswered && typeof ours === 'function') {
      const answer = ours(opening);
      if (answer === undefined) {
        throw new HandshakeError(
          'REFUSED',
          this.#message(`it wants ${opening.infoHash}, which is not here, or has no room`),
        );
      }
      this.#send(answer);
    }
    if (handshake === undefined) return taken;
    this.#next = this.#options.onDone(handshake);
    if (this.#next === undefined)
      throw new HandshakeError('REFUSED', this.#message('the peer is not wanted'));
    this.#cancelTimer();
    return taken;
  }

  #send(handshake: Handshake): void {
    this.#hasAnswered = true;
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
