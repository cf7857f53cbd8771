import type { ConnectionHandler, Network } from '../net/index.ts';
import {
  type Address,
  type Clock,
  DESCRIPTOR_RETRY_MS,
  formatAddress,
  type InfoHash,
  inBackground,
  lacksDescriptors,
  type ReportError,
  toError,
} from '../util/index.ts';
import type { Handshake } from '../wire/index.ts';
import type { Greeting } from './connected-peer.ts';
import type { ConnectionSlots, SlotHolder } from './connection-slots.ts';
import { HANDSHAKE_TIMEOUT_MS, shakeHands } from './handshaking.ts';

/** The number of connections that are opened at once for one torrent. */
export const MAX_DIALING = 16;

/** The options of a {@link Dialer}. */
export interface DialerOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly report: ReportError;
  readonly slots: ConnectionSlots;
  /** The handshake that we send on connections that we open. */
  readonly ours: Handshake;
  /** The info-hashes that a peer may send in its handshake: a hybrid torrent has two. */
  readonly infoHashes: readonly InfoHash[];
  /**
   * Takes a peer that sent its handshake.
   *
   * @returns the handler of its connection; `undefined` to refuse the peer
   */
  onConnected(
    greeted: Omit<Greeting, 'speaksV2'> & { readonly dialed: Address },
  ): ConnectionHandler | undefined;
  /** Hears of an attempt that failed. @param isOurFault whether it failed for lack of file descriptors on this machine */
  onFailed(address: Address, error: Error, isOurFault: boolean): void;
}

/** A connection that is being opened, and holds a slot. */
class Dialing implements SlotHolder {
  readonly host: string;
  readonly movedBytes = 0;
  readonly cameAt: number;
  readonly #abort = new AbortController();

  constructor({ host }: Address, now: number) {
    this.host = host;
    this.cameAt = now;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  idleMs(): number {
    return 0;
  }

  giveWay(): void {
    this.#abort.abort();
  }
}

/**
 * Opens connections to peers of one torrent and exchanges handshakes with them. Each attempt holds a slot until it ends.
 * The owner gives the peer a slot of its own.
 */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #dialing = new Set<Dialing>();
  /** The time in milliseconds before which nothing is dialed, because file descriptors ran out. */
  #dialAfter = Number.NEGATIVE_INFINITY;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** The number of connections that are being opened. */
  get size(): number {
    return this.#dialing.size;
  }

  /** Tells whether one more connection may be opened. */
  canDial(now: number): boolean {
    return now >= this.#dialAfter && this.#dialing.size < MAX_DIALING && this.#options.slots.canOpen;
  }

  /** Opens a connection. Its failure is told to `onFailed` and not reported as an error: many addresses are stale. */
  dial(address: Address): void {
    const { network, clock, slots, report } = this.#options;
    const dialing = new Dialing(address, clock.now());
    const { signal } = dialing;
    const cancelTimer = clock.setTimer(HANDSHAKE_TIMEOUT_MS, () => dialing.giveWay());
    this.#dialing.add(dialing);
    slots.take(dialing);
    const end = () => {
      cancelTimer();
      this.#dialing.delete(dialing);
      slots.release(dialing);
    };
    const failed = (thrown: unknown) => {
      const error = toError(thrown);
      end();
      const isOurFault = lacksDescriptors(error);
      if (isOurFault) this.#dialAfter = clock.now() + DESCRIPTOR_RETRY_MS;
      this.#options.onFailed(address, error, isOurFault);
    };
    const dialed = network.dial(address, { signal }).then((connection) => {
      cancelTimer();
      const { ours, infoHashes } = this.#options;
      shakeHands(connection, {
        clock,
        ours,
        onFailed: failed,
        onDone: (theirs) => {
          if (!infoHashes.includes(theirs.infoHash)) return undefined;
          // The peer takes over the slot.
          end();
          return this.#options.onConnected({ connection, theirs, ours, dialed: address });
        },
      });
      // Giving way also ends an attempt that waits for the handshake.
      if (signal.aborted) connection.destroy();
      else signal.addEventListener('abort', () => connection.destroy(), { once: true });
    }, failed);
    inBackground(dialed, `connect to ${formatAddress(address)}`, report);
  }

  /** Ends all attempts. */
  close(): void {
    for (const dialing of this.#dialing) dialing.giveWay();
  }
}
