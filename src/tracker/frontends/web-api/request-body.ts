import type { Context } from 'hono';
import { type Clock, clientKey, GrowingBytes, JsonError, type Turns } from '../../../util/index.ts';
import {
  type RequestLimiter,
  type UploadBuffer,
  type UploadBufferLimits,
  UploadBuffers,
} from '../../guard/rate-limit/index.ts';
import type { CheckedRegistration } from '../../registry/index.ts';
import { ProblemError } from './problems.ts';
import { RegistrationReader } from './registration-reader.ts';

/** Bytes of all bodies that are being received at once. */
export const MAX_BODY_BYTES_AT_ONCE = 256 * 1024 * 1024;
/** Bytes of the bodies of one address, or of a /48 over IPv6: one registration of the largest size. */
export const MAX_BODY_BYTES_PER_ADDRESS = 64 * 1024 * 1024;
/** Bytes of a body that have to arrive each second, on average over {@link BODY_PATIENCE}. */
export const MIN_BODY_RATE = 8 * 1024;
/** Milliseconds over which the rate of a body is measured. */
export const BODY_PATIENCE = 10_000;

/** Bytes of a body that cost as much as one request. */
export const BODY_BYTES_PER_REQUEST = 64 * 1024;
/** Bytes of a registration that are read in one step. */
const STEP_BYTES = 16 * 1024;
/** Bytes of memory that a body has at the start. */
const FIRST_ROOM = 4096;

/** Seconds after which a client should try again when others are sending too much. */
const BUSY_RETRY_AFTER = 5;

export interface BodyReaderOptions {
  readonly clock: Clock;
  readonly turns: Turns;
  /** The budget of requests of each address. */
  readonly requests: Pick<RequestLimiter, 'admits'>;
  readonly limits?: UploadBufferLimits;
}

/** A body that is being received. */
interface Receiving extends UploadBuffer {
  /** Rejects when the body is given up. */
  readonly givenUp: Promise<never>;
  /** Gives the body up. @param problem the reason; `undefined`: others need the room */
  giveUp(problem?: ProblemError): void;
}

/** Receives the bodies of requests within the limits of one body, of one address, and of all together. */
export class BodyReader {
  readonly #options: BodyReaderOptions;
  readonly #kept: UploadBuffers;

  constructor(options: BodyReaderOptions) {
    this.#options = options;
    this.#kept = new UploadBuffers(
      options.limits ?? { maxPerAddress: MAX_BODY_BYTES_PER_ADDRESS, maxInAll: MAX_BODY_BYTES_AT_ONCE },
    );
  }

  /**
   * Reads a body of up to `maxBytes`, and counts it until it is used. A body with a longer `Content-Length` is not read at
   * all; one that turns out to be longer is read no further.
   *
   * @param ip the address of the client
   * @throws {ProblemError} 400 when the client breaks off, 408, 413, 429, 503
   */
  async read<Result>(
    context: Context,
    ip: Uint8Array,
    maxBytes: number,
    use: (body: Buffer) => Promise<Result>,
  ): Promise<Result> {
    const received = new GrowingBytes(FIRST_ROOM);
    const onPart = async (part: Uint8Array): Promise<void> => received.add(part);
    return this.#receive(context, ip, maxBytes, onPart, () => use(received.bytes));
  }

  /**
   * Reads a registration in steps, between which other clients are answered, and counts it until it is used.
   *
   * @param use is called with the registration, or with `undefined` for an empty body
   * @throws {ProblemError} as {@link read} does, and 400 when the registration is not valid
   * @throws {RegistryError} BAD_FIELD
   */
  async readRegistration<Result>(
    context: Context,
    ip: Uint8Array,
    maxBytes: number,
    use: (registration: CheckedRegistration | undefined) => Promise<Result>,
  ): Promise<Result> {
    const reader = new RegistrationReader();
    let isEmpty = true;
    const onPart = async (part: Uint8Array): Promise<void> => {
      isEmpty = false;
      for (let at = 0; at < part.length; at += STEP_BYTES) {
        await this.#options.turns.next(clientKey(ip));
        reader.push(part.subarray(at, at + STEP_BYTES));
      }
    };
    try {
      return await this.#receive(context, ip, maxBytes, onPart, () =>
        use(isEmpty ? undefined : reader.finish()),
      );
    } catch (thrown) {
      throw thrown instanceof JsonError ? jsonProblem(thrown) : thrown;
    }
  }

  async #receive<Result>(
    context: Context,
    ip: Uint8Array,
    maxBytes: number,
    onPart: (part: Uint8Array) => Promise<void>,
    use: () => Promise<Result>,
  ): Promise<Result> {
    if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const { body } = context.req.raw;
    if (body === null) return use();
    const receiving = newReceiving(ip);
    this.#kept.begin(receiving);
    const stopWatching = this.#watch(receiving);
    try {
      for (const reader = body.getReader(); ; ) {
        const { done, value } = await Promise.race([reader.read().catch(brokenOff), receiving.givenUp]);
        if (done) break;
        this.#count(receiving, value.length, maxBytes);
        await onPart(value);
      }
      stopWatching();
      return await use();
    } finally {
      stopWatching();
      this.#kept.end(receiving);
    }
  }

  /** Counts bytes that have arrived. @throws {ProblemError} 413, 429, 503 */
  #count(receiving: Receiving, bytes: number, maxBytes: number): void {
    const { requests, clock } = this.#options;
    const price =
      Math.floor((receiving.bytes + bytes) / BODY_BYTES_PER_REQUEST) -
      Math.floor(receiving.bytes / BODY_BYTES_PER_REQUEST);
    const hasRoom = this.#kept.add(receiving, bytes);
    if (receiving.bytes > maxBytes) throw tooLarge(maxBytes);
    if (!hasRoom) throw busy();
    if (price > 0 && !requests.admits(receiving.ip, price, clock.now())) throw tooMuch();
  }

  /** Gives a body up if it arrives too slowly. @returns a function that ends the watch */
  #watch(receiving: Receiving): () => void {
    const { clock } = this.#options;
    let before = 0;
    let cancel = (): void => {};
    const look = (): void => {
      if (receiving.bytes - before < (MIN_BODY_RATE * BODY_PATIENCE) / 1000) receiving.giveUp(tooSlow());
      before = receiving.bytes;
      cancel = clock.setTimer(BODY_PATIENCE, look);
    };
    cancel = clock.setTimer(BODY_PATIENCE, look);
    return () => cancel();
  }
}

function newReceiving(ip: Uint8Array): Receiving {
  let giveUp: (problem: ProblemError) => void = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  // There may be no listener when the body is given up.
  givenUp.catch(() => {});
  return { ip, bytes: 0, givenUp, giveUp: (problem: ProblemError = busy()) => giveUp(problem) };
}

function brokenOff(cause: unknown): never {
  throw new ProblemError(400, 'The connection closed before the end of the body', { cause });
}

function jsonProblem(error: JsonError): ProblemError {
  if (error.code === 'NOT_JSON')
    return new ProblemError(400, 'The body is not JSON in UTF-8', { cause: error });
  return new ProblemError(
    error.code === 'TOO_LARGE' ? 413 : 400,
    `The body cannot be read: ${error.message}`,
    {
      cause: error,
    },
  );
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError(413, `The body may have at most ${maxBytes} bytes`, {
    headers: { Connection: 'close' },
  });
}

function tooSlow(): ProblemError {
  return new ProblemError(
    408,
    `The body arrives too slowly: ${MIN_BODY_RATE} bytes a second are the least that is waited for`,
    { headers: { Connection: 'close' } },
  );
}

function busy(): ProblemError {
  return new ProblemError(503, 'The tracker is receiving too many bytes at once; try again later', {
    headers: { 'Retry-After': String(BUSY_RETRY_AFTER), Connection: 'close' },
  });
}

function tooMuch(): ProblemError {
  return new ProblemError(429, 'Your address sends too many bytes', {
    headers: { 'Retry-After': String(BUSY_RETRY_AFTER), Connection: 'close' },
  });
}
