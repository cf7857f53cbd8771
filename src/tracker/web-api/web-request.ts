import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { z } from 'zod';
import { canonicalIp } from '../../util/index.ts';
import { isLoopback } from '../address-policy.ts';
import type { Sender } from '../announce.ts';
import type { Senders } from '../senders/index.ts';
import { type Issue, invalid, ProblemError } from './problems.ts';

/**
 * Reads the query. A key that means nothing or stands twice is refused: a misspelled filter would find everything.
 *
 * @throws {ProblemError} 400
 */
export function readQuery<Schema extends z.ZodType>(context: Context, schema: Schema): z.infer<Schema> {
  const all = context.req.queries();
  const twice = Object.keys(all).find((key) => all[key]!.length > 1);
  if (twice !== undefined) throw invalid('query', [{ path: [twice], message: 'may stand once' }]);
  const read = schema.safeParse(context.req.query());
  if (read.success) return read.data;
  throw invalid(
    'query',
    read.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key): Issue => ({ path: [key], message: 'means nothing here' }))
        : [issue],
    ),
  );
}

export function senderOfRequest(context: Context<{ Bindings: HttpBindings }>, senders: Senders): Sender {
  const sender = senders.ofRequest(context.env.incoming);
  if (sender === undefined) throw new ProblemError(400, 'The connection has ended');
  return sender;
}

/**
 * Whether a program on this machine sent the request: from a loopback address, or from the very address that it was sent
 * to, and no proxy says that it passes on what another has sent.
 */
export function isLocalRequest(context: Context<{ Bindings: HttpBindings }>, senders: Senders): boolean {
  const { headers, socket } = context.env.incoming;
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  const { host } = senderOfRequest(context, senders);
  return isLoopback(host) || host === canonicalIp(socket.localAddress ?? '');
}
