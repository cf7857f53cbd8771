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

/** Connections being opened at once for one torrent. */
export const MAX_DIALING = 16;

/** The options of a {@link Dialer}. */
export interface DialerOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly report: ReportError;
  readonly slots: ConnectionSlots;
  /** Our handshake on connections that we open. */
  readonly ours: Handshake;
  /** The info-hashes with which a peer may answer: a hybrid has two. */
  readonly infoHashes: readonly InfoHash[];
  /**
   * A peer has answered.
   *
   * @returns the handler of its connection; `undefined` when the peer is not wanted
   */
  onConnected(
    greeted: Omit<Greeting, 'speaksV2'> & { readonly dialed: Address },
  ): ConnectionHandler | undefined;
  /** The attempt has come to nothing. @param isOurFault whether it says nothing about the peer */
  onFailed(address: Address, error: Error, isOurFault: boolean): void;
}

/** A connection being opened: it holds a slot. */
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

/** Opens connections to peers of one torrent and shakes hands with them. Each attempt holds a slot, which its peer takes over. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #dialing = new Set<Dialing>();
  /** The time before which there may be no file descriptors for connections. */
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

  /** Opens a connection. A peer that cannot be reached is no error of ours: it is tried again later, ever more rarely. */
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
          // The slot goes over to the peer.
          end();
          return this.#options.onConnected({ connection, theirs, ours, dialed: address });
        },
      });
      // Closing ends it also while hands are being shaken.
      if (signal.aborted) connection.destroy();
      else signal.addEventListener('abort', () => connection.destroy(), { once: true });
    }, failed);
    inBackground(dialed, `connect to ${formatAddress(address)}`, report);
  }

  /** Gives up all attempts. */
  close(): void {
    for (const dialing of this.#dialing) dialing.giveWay();
  }
}
