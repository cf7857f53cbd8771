import type { ResponseMemory } from '../../../tracker-protocol/index.ts';
import { latin1 } from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import type { RequestPort } from './http-port.ts';
import { refusal, response } from './http-response.ts';
import {
  BadRequestError,
  isForTracker,
  isTrackerRequest,
  type RequestHead,
  readRequestHead,
} from './request-head.ts';

/** Bytes of responses that may wait for a client to read them; with more, its next request has to wait. */
export const MAX_UNSENT_BYTES = 256 * 1024;
/** Requests of one connection that are answered in one turn; those behind them wait until other connections had theirs. */
export const MAX_REQUESTS_IN_TURN = 16;

/** The connection that requests came over, as far as it matters to their responses. */
export interface Asker {
  /** The address at the other end of the connection. */
  readonly peer: ClientAddress;
  readonly isFromProxy: boolean;
  /** Whether the connection closes after the next response. */
  readonly isDraining: boolean;
  /** Bytes of responses that wait already. */
  readonly unsent: number;
  /** The memory for responses that are written before anything else is done. */
  readonly memory: ResponseMemory;
}

/** The number of bytes that were used, and the next step of the connection. */
export interface Progress {
  /** Bytes of the requests that were answered. */
  readonly used: number;
  /** The responses, in the order of the requests. */
  readonly answers: readonly Uint8Array[];
  /**
   * The next step, once the responses are written.
   *
   * - `read`: wait for more bytes
   * - `write`: wait until the client has read responses
   * - `yield`: wait until other connections had their turn
   * - `await`: wait for a response that is being made
   * - `close`: close the connection, as the client has asked
   * - `end`: close the connection, though the client has not asked
   * - `cut`: close the connection at once
   * - `handOver`: give it to the web server
   * - `upgrade`: make a WebSocket of it
   */
  readonly next: 'read' | 'write' | 'yield' | 'await' | 'close' | 'end' | 'cut' | 'handOver' | 'upgrade';
  /** The response that is being made; only with `await`. */
  readonly awaited?: AwaitedResponse;
  /** The request for a WebSocket and its client; only with `upgrade`. */
  readonly upgrade?: { readonly head: RequestHead; readonly clientAddress: ClientAddress };
}

export interface AwaitedResponse {
  readonly head: RequestHead;
  readonly body: Promise<Uint8Array>;
}

/**
 * Answers the requests at the start of the bytes, until the bytes end, too much waits to be written, or other connections
 * should have their turn.
 */
export function answerRequests(port: RequestPort, asker: Asker, bytes: Uint8Array): Progress {
  const answers: Uint8Array[] = [];
  let { unsent } = asker;
  for (let used = 0, left = MAX_REQUESTS_IN_TURN; ; left -= 1) {
    if (unsent > MAX_UNSENT_BYTES) return { used, answers, next: 'write' };
    if (used === bytes.length) return { used, answers, next: 'read' };
    if (left === 0) return { used, answers, next: 'yield' };
    const isOurs = isTrackerRequest(bytes, used);
    if (isOurs !== true) return { used, answers, next: isOurs === false ? 'handOver' : 'read' };
    const head = readHead(bytes, used);
    if (head === undefined) return { used, answers, next: 'read' };
    if (head instanceof BadRequestError) {
      port.counters.malformed += 1;
      const isAnswered = port.rateLimits.unpriced.admits(asker.peer.ip, 1, port.clock.now());
      if (!isAnswered) return { used, answers, next: 'cut' };
      answers.push(refusal(head));
      return { used, answers, next: 'end' };
    }
    const clientAddress = asker.isFromProxy
      ? port.clientAddresses.ofHead(asker.peer, latin1(bytes, used, head.end))
      : asker.peer;
    if (head.isUpgrade && port.webSockets.isOn)
      return { used, answers, next: 'upgrade', upgrade: { head, clientAddress } };
    if (!isForTracker(head)) return { used, answers, next: 'handOver' };
    const body = port.answer(head, clientAddress, asker.memory);
    if (body === undefined) return { used, answers, next: 'handOver' };
    if (body === 'cut') return { used, answers, next: 'cut' };
    used = head.end;
    if (body instanceof Promise) return { used, answers, next: 'await', awaited: { head, body } };
    const keepAlive = head.keepAlive && !asker.isDraining;
    const answer = response(head, body, keepAlive);
    answers.push(answer);
    unsent += answer.length;
    if (!keepAlive) return { used, answers, next: head.keepAlive ? 'end' : 'close' };
  }
}

function readHead(bytes: Uint8Array, start: number): RequestHead | BadRequestError | undefined {
  try {
    return readRequestHead(bytes, start);
  } catch (thrown) {
    if (thrown instanceof BadRequestError) return thrown;
    throw thrown;
  }
}
