import type { Context } from 'hono';
import type { z } from 'zod';
import { invalid, ProblemError } from './problems.ts';

/** Bytes of bodies that are being received at once: four registrations of the largest size. */
export const MAX_BODY_BYTES_AT_ONCE = 256 * 1024 * 1024;

/** Seconds after which to try again when others are sending too much. */
const BUSY_RETRY_AFTER = 5;

/** Receives the bodies of requests within the limits of each and of all together, for anyone may start to send one. */
export class BodyReader {
  readonly #maxBytesAtOnce: number;
  #bytesAtOnce = 0;

  constructor(maxBytesAtOnce = MAX_BODY_BYTES_AT_ONCE) {
    this.#maxBytesAtOnce = maxBytesAtOnce;
  }

  /**
   * Reads a body of up to `maxBytes`. One that says it is longer is not read at all, one that turns out to be is not
   * read on.
   *
   * @throws {ProblemError} 400 when the sender breaks off, 413, 503
   */
  async read(context: Context, maxBytes: number): Promise<Buffer> {
    if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const { body } = context.req.raw;
    if (body === null) return Buffer.alloc(0);
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for (const reader = body.getReader(); ; ) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw new ProblemError(400, 'The connection ended before the body did', { cause });
        });
        if (done) return Buffer.concat(parts);
        length += value.length;
        this.#bytesAtOnce += value.length;
        if (length > maxBytes) throw tooLarge(maxBytes);
        if (this.#bytesAtOnce > this.#maxBytesAtOnce) throw busy();
        parts.push(value);
      }
    } finally {
      this.#bytesAtOnce -= length;
    }
  }

  /**
   * Reads a body of JSON that has the given shape.
   *
   * @returns `undefined` for an empty body
   * @throws {ProblemError} 400, 413, 503
   */
  async readJson<Schema extends z.ZodType>(
    context: Context,
    schema: Schema,
    maxBytes: number,
  ): Promise<z.infer<Schema> | undefined> {
    const body = await this.read(context, maxBytes);
    if (body.length === 0) return undefined;
    const read = schema.safeParse(parseJson(body));
    if (read.success) return read.data;
    throw invalid('body', read.error.issues);
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new ProblemError(400, 'The body is not JSON in UTF-8', { cause });
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError(413, `The body may have ${maxBytes} bytes`, { headers: { Connection: 'close' } });
}

function busy(): ProblemError {
  return new ProblemError(503, 'The tracker is receiving too much at once; try again later', {
    headers: { 'Retry-After': String(BUSY_RETRY_AFTER), Connection: 'close' },
  });
}
