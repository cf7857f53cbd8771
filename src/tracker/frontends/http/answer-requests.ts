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

/** Bytes of answers that may wait for a client to read them before its next request is looked at. */
export const MAX_UNSENT_BYTES = 256 * 1024;
/** Requests of one connection that are answered one after the other; those behind them wait until others had their turn. */
export const MAX_REQUESTS_IN_TURN = 16;

/** Who asks, and how. */
export interface Asker {
  /** At the other end of the connection. */
  readonly peer: ClientAddress;
  readonly isFromProxy: boolean;
  /** Whether the connection ends with the next answer. */
  readonly isDraining: boolean;
  /** Bytes of answers that wait already. */
  readonly unsent: number;
  /** For answers that are written before anything else is done. */
  readonly memory: ResponseMemory;
}

/** How far the bytes at hand went, and what is to be done next. */
export interface Progress {
  /** Bytes of whole requests. */
  readonly used: number;
  /** In the order of the requests. */
  readonly answers: readonly Uint8Array[];
  /** `close`: the client has asked for it, and `end`: it has not; `yield`: others have their turn first. */
  readonly next: 'read' | 'write' | 'yield' | 'await' | 'close' | 'end' | 'cut' | 'handOver' | 'upgrade';
  /** With `await`: the answer after those at hand. */
  readonly awaited?: AwaitedResponse;
  /** With `upgrade`: of the request that stands there, and who has sent it. */
  readonly upgrade?: { readonly head: RequestHead; readonly clientAddress: ClientAddress };
}

export interface AwaitedResponse {
  readonly head: RequestHead;
  readonly body: Promise<Uint8Array>;
}

/**
 * Answers the requests at the start of the bytes, until they end, there is much to write, or it is the turn of others.
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
