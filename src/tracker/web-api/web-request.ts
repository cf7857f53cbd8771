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

/** A host name or address with its port, and nothing that a URL would understand otherwise. */
const HOST = /^[\w.-]{1,253}(?::\d{1,5})?$|^\[[\da-f:.]{2,45}\](?::\d{1,5})?$/i;

/** Where the sender has reached this tracker: `https://HOST:PORT`; `undefined` when it asked at what is no host. */
export function originOf(context: Context<{ Bindings: HttpBindings }>, senders: Senders): string | undefined {
  const host = context.req.header('host');
  if (host === undefined || !HOST.test(host)) return undefined;
  return `${senders.isSecure(context.env.incoming) ? 'https' : 'http'}://${host}`;
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
