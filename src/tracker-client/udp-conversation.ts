import { randomInt } from 'node:crypto';
import type { DatagramSocket } from '../net/index.ts';
import {
  decodeUdpResponse,
  TrackerResponseError,
  type UdpResponse,
  udpTransactionId,
} from '../tracker-protocol/index.ts';
import { type Address, toError } from '../util/index.ts';
import { quotable } from './quotable.ts';
import { TrackerCallError, unreachable } from './tracker-call-error.ts';
import type { TrackerPorts } from './tracker-ports.ts';

/**
 * The milliseconds after which a request is sent again for the first time. They double with each time. With the 15 seconds
 * of BEP 15, two lost packets would cost a minute; a tracker that is there answers within one second.
 */
const FIRST_RESEND_MS = 2000;

/** The response to a request with this action. */
export type ResponseTo<Action extends UdpResponse['action']> = Extract<
  UdpResponse,
  { readonly action: Action }
>;

interface Question {
  readonly transactionId: number;
  readonly onResponse: (answer: UdpResponse) => void;
  readonly onError: (error: Error) => void;
}

/** The call that a conversation is for. */
export interface UdpCall {
  /** The purpose of the requests, for messages. */
  readonly what: string;
  /** Ends the conversation when it aborts. A request then fails with its reason. */
  readonly signal: AbortSignal;
  readonly ports: TrackerPorts;
}

/** A conversation with one address of a tracker: one request at a time, sent again until it is answered. @see BEP 15 */
export class UdpConversation implements Disposable {
  readonly address: Address;
  readonly ports: TrackerPorts;
  readonly #what: string;
  readonly #signal: AbortSignal;
  #socket: DatagramSocket | undefined;
  #question: Question | undefined;

  private constructor(address: Address, { what, signal, ports }: UdpCall) {
    this.address = address;
    this.ports = ports;
    this.#what = what;
    this.#signal = signal;
  }

  /** Opens a conversation. @throws {TrackerCallError} `UNREACHABLE` */
  static async open(address: Address, call: UdpCall): Promise<UdpConversation> {
    const { what, ports } = call;
    const conversation = new UdpConversation(address, call);
    try {
      conversation.#socket = await ports.datagrams.connect(address, {
        onPacket: (packet) => conversation.#onPacket(packet),
        onError: (error) => conversation.#question?.onError(unreachable(what, error)),
      });
    } catch (thrown) {
      throw unreachable(what, toError(thrown));
    }
    return conversation;
  }

  [Symbol.dispose](): void {
    this.#socket?.close();
  }

  /**
   * Sends a request and waits for its response.
   *
   * @param encode writes the request with a transaction id
   * @param sends the number of times that it is sent before it counts as unanswered; by default without a limit
   * @throws {TrackerCallError} `UNREACHABLE`, `TIMED_OUT`, `BAD_RESPONSE`, `FAILURE`; the signal's reason
   */
  async ask<Action extends UdpResponse['action']>(
    action: Action,
    encode: (transactionId: number) => Uint8Array,
    sends = Number.POSITIVE_INFINITY,
  ): Promise<ResponseTo<Action>> {
    const transactionId = randomInt(2 ** 32);
    const answer = await this.#untilAnswered(transactionId, encode(transactionId), sends);
    if (answer.action === 'error') {
      const { failureReason } = answer.failure;
      const message = `${this.#what}: the tracker says "${quotable(failureReason)}"`;
      throw new TrackerCallError('FAILURE', message, { failureReason });
    }
    if (isOf(answer, action)) return answer;
    throw new TrackerCallError('BAD_RESPONSE', `${this.#what}: was answered as if it were ${answer.action}`);
  }

  async #untilAnswered(transactionId: number, packet: Uint8Array, sends: number): Promise<UdpResponse> {
    this.#signal.throwIfAborted();
    let cancelTimer = (): void => {};
    let onAbort = (): void => {};
    try {
      return await new Promise<UdpResponse>((resolve, reject) => {
        onAbort = () => reject(toError(this.#signal.reason));
        this.#signal.addEventListener('abort', onAbort);
        this.#question = { transactionId, onResponse: resolve, onError: reject };
        const send = (sent: number): void => {
          if (sent === sends) {
            reject(new TrackerCallError('TIMED_OUT', `${this.#what}: no answer to ${sends} packets`));
            return;
          }
          this.#socket!.send(packet);
          cancelTimer = this.ports.clock.setTimer(FIRST_RESEND_MS * 2 ** sent, () => send(sent + 1));
        };
        send(0);
      });
    } finally {
      cancelTimer();
      this.#signal.removeEventListener('abort', onAbort);
      this.#question = undefined;
    }
  }

  /** Takes a response. It ignores one without our transaction id, which is late or comes from somebody else. */
  #onPacket(packet: Buffer): void {
    const question = this.#question;
    if (question === undefined || udpTransactionId(packet) !== question.transactionId) return;
    try {
      question.onResponse(decodeUdpResponse(packet, this.address.host.includes(':') ? 6 : 4));
    } catch (thrown) {
      question.onError(
        thrown instanceof TrackerResponseError
          ? new TrackerCallError('BAD_RESPONSE', `${this.#what}: ${thrown.message}`, { cause: thrown })
          : toError(thrown),
      );
    }
  }
}

function isOf<Action extends UdpResponse['action']>(
  answer: UdpResponse,
  action: Action,
): answer is ResponseTo<Action> {
  return answer.action === action;
}
