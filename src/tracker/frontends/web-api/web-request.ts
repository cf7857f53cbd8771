import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { z } from 'zod';
import { canonicalIp } from '../../../util/index.ts';
import { type ClientAddress, isLoopback } from '../../core/index.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import { type Issue, invalid, ProblemError } from './problems.ts';

/** Parts of a query, which `&` separates. Refusing an unknown part takes some microseconds. */
export const MAX_QUERY_PARTS = 20;

/**
 * Reads the query. An unknown or repeated key is refused, since a misspelled filter would otherwise find everything.
 *
 * @throws {ProblemError} 400
 */
export function readQuery<Schema extends z.ZodType>(context: Context, schema: Schema): z.infer<Schema> {
  if (context.req.url.split('&', MAX_QUERY_PARTS + 1).length > MAX_QUERY_PARTS) {
    throw invalid('query', [{ path: [], message: `has more than ${MAX_QUERY_PARTS} parts` }]);
  }
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

export function clientAddressOfRequest(
  context: Context<{ Bindings: HttpBindings }>,
  clientAddresses: ClientAddresses,
): ClientAddress {
  const clientAddress = clientAddresses.ofRequest(context.env.incoming);
  if (clientAddress === undefined) throw new ProblemError(400, 'The connection has closed');
  return clientAddress;
}

/** A host name or address with an optional port, and no character that has a meaning in a URL. */
const HOST = /^[\w.-]{1,253}(?::\d{1,5})?$|^\[[\da-f:.]{2,45}\](?::\d{1,5})?$/i;

/**
 * Finds the URL at which the client has reached this tracker.
 *
 * @returns `https://HOST:PORT` or `http://HOST:PORT`; `undefined` when the request names no valid host
 */
export function trackerUrlOf(
  context: Context<{ Bindings: HttpBindings }>,
  clientAddresses: ClientAddresses,
): string | undefined {
  const host = context.req.header('host');
  if (host === undefined || !HOST.test(host)) return undefined;
  return `${clientAddresses.isSecure(context.env.incoming) ? 'https' : 'http'}://${host}`;
}

/** The headers by which a proxy says that it passes a request on. */
const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/** Tells whether a request came from a loopback address, or from the address that it was sent to. */
export function isFromThisMachine(
  context: Context<{ Bindings: HttpBindings }>,
  clientAddresses: ClientAddresses,
): boolean {
  const { host } = clientAddressOfRequest(context, clientAddresses);
  return isLoopback(host) || host === canonicalIp(context.env.incoming.socket.localAddress ?? '');
}

/**
 * Tells whether a program on this machine sent the request for itself: it came from this machine, and no proxy says that it
 * passes the request on. Requests of pages in a browser on this machine were refused before (`check-web-pages.ts`).
 */
export function isLocalRequest(
  context: Context<{ Bindings: HttpBindings }>,
  clientAddresses: ClientAddresses,
): boolean {
  const { headers } = context.env.incoming;
  return (
    PROXY_HEADERS.every((name) => headers[name] === undefined) && isFromThisMachine(context, clientAddresses)
  );
}

/** Tells whether a body follows the head of the request. It may still be empty. */
export function hasBody(context: Context): boolean {
  return (
    Number(context.req.header('content-length') ?? 0) > 0 ||
    context.req.header('transfer-encoding') !== undefined
  );
}

/**
 * Checks that a body has the expected type. A page may send forms and plain text to another origin without a preflight
 * request; for other types it needs one.
 *
 * @throws {ProblemError} 415
 */
export function checkContentType(context: Context, expected: string): void {
  const found = context.req.header('content-type') ?? '';
  if (found.split(';', 1)[0]!.trim().toLowerCase() === expected) return;
  throw new ProblemError(
    415,
    `The body must be ${expected}, and the Content-Type header say so; ${found === '' ? 'there is none' : `it says ${found.slice(0, 100)}`}`,
    { headers: { Accept: expected } },
  );
}
