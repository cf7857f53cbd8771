import type { Context } from 'hono';
import type { z } from 'zod';
import { invalid, ProblemError } from './problems.ts';

/**
 * Reads a body of up to `maxBytes`. One that says it is longer is not read at all, one that turns out to be is not read
 * on.
 *
 * @throws {ProblemError} 400 when the sender breaks off, 413
 */
export async function readBody(context: Context, maxBytes: number): Promise<Buffer> {
  if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const { body } = context.req.raw;
  if (body === null) return Buffer.alloc(0);
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new ProblemError(400, 'The connection ended before the body did', { cause });
    });
    if (done) return Buffer.concat(parts);
    length += value.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    parts.push(value);
  }
}

/**
 * Reads a body of JSON that has the given shape.
 *
 * @returns `undefined` for an empty body
 * @throws {ProblemError} 400, 413
 */
export async function readJson<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  maxBytes: number,
): Promise<z.infer<Schema> | undefined> {
  const body = await readBody(context, maxBytes);
  if (body.length === 0) return undefined;
  const read = schema.safeParse(parseJson(body));
  if (read.success) return read.data;
  throw invalid('body', read.error.issues);
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
