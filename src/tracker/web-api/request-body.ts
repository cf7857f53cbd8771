import type { Context } from 'hono';
import type { z } from 'zod';
import { invalid, ProblemError } from './problems.ts';

/**
 * Reads a body of up to `maxBytes`. One that says it is longer is not read at all, one that turns out to be is not read
 * on.
 *
 * @throws {ProblemError} 413
 */
export async function readBody(context: Context, maxBytes: number): Promise<Buffer> {
  if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const { body } = context.req.raw;
  if (body === null) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
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
