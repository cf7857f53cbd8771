import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { ipReach } from '../../../util/index.ts';
import { ProblemError } from './problems.ts';
import type { WebApiOptions } from './web-api-options.ts';
import type { WebPageRules } from './web-page-rules.ts';
import { clientAddressOfRequest, isFromThisMachine } from './web-request.ts';

/** What a page may send with a call where its origin is taken. */
const ALLOWED_HEADERS = 'Authorization, Content-Type';
const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, DELETE';

/** Methods that change nothing. */
const LOOK_UPS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Turns away web pages that have no business here: those of other origins, and those that have their own name resolve
 * to this machine. Any page that somebody opens on the tracker's machine, or in its network, can send requests there.
 * docs/adr/0024 has the reasons.
 */
export function checkWebPages({
  pages,
  clientAddresses,
}: WebApiOptions): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (context, next) => {
    const { incoming } = context.env;
    const { origin } = incoming.headers;
    const isTaken = origin !== undefined && takes(pages, origin, methodOf(incoming));
    if (!isTaken && isFromForeignPage(incoming)) throw foreignPage(origin);
    if (mustNameThisTracker(context, clientAddresses)) checkHost(incoming.headers.host, pages);
    if (isTaken && isPreflight(incoming)) context.res = preflightResponse();
    else await next();
    if (!isTaken) return;
    context.header('Access-Control-Allow-Origin', origin);
    context.header('Vary', 'Origin', { append: true });
  };
}

/** The method of the call, or of the one that a browser is about to make. */
function methodOf(request: IncomingMessage): string {
  const { method = '', headers } = request;
  return isPreflight(request) ? String(headers['access-control-request-method']) : method;
}

function takes(pages: WebPageRules, origin: string, method: string): boolean {
  return pages.takesOrigin(origin) || (pages.takesAllLookUps && LOOK_UPS.includes(method));
}

/**
 * Whether a page of another origin has sent the request. A link to the web API that somebody follows is none: nobody
 * but the one who follows it sees the answer.
 */
function isFromForeignPage({ method = '', headers }: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
  if (origin !== undefined) return !/^https?:\/\//i.test(origin) || hostIn(origin) !== host?.toLowerCase();
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return !(mode === 'navigate' && LOOK_UPS.includes(method));
}

function hostIn(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2).toLowerCase();
}

/**
 * Whether the `Host` of the request has to be a name of this tracker: who is on the internet could ask for everything
 * without a page's help, and a page cannot have a certificate of this tracker's. In a private network programs may call
 * it by any name; on this machine they may not, for there is no way to tell for sure what is none.
 */
function mustNameThisTracker(
  context: Context<{ Bindings: HttpBindings }>,
  clientAddresses: WebApiOptions['clientAddresses'],
): boolean {
  const { incoming } = context.env;
  if (speaksTls(incoming)) return false;
  if (isFromThisMachine(context, clientAddresses)) return true;
  return (
    ipReach(clientAddressOfRequest(context, clientAddresses).host) !== 'public' &&
    mayBeBrowser(incoming.headers)
  );
}

function speaksTls({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

/**
 * Whether a browser may have sent the request. All of them say which encodings they take, `deflate` among them, or
 * `identity` when they ask for a range; no page can change that, nor `Origin`, `Referer`, `Cookie` and `Sec-Fetch-…`. To a
 * name without TLS browsers send no `Sec-Fetch-…`, and with a look-up of their own origin no `Origin`.
 */
function mayBeBrowser(headers: IncomingHttpHeaders): boolean {
  const { origin, referer, cookie, range, 'sec-fetch-site': site } = headers;
  if ([origin, referer, cookie, site].some((value) => value !== undefined)) return true;
  if (/^Mozilla\//i.test(headers['user-agent'] ?? '')) return true;
  const encodings = headers['accept-encoding'] ?? '';
  if (encodings === '' || encodings === 'gzip') return false;
  return encodings !== 'identity' || range !== undefined;
}

/** @throws {ProblemError} 421 */
function checkHost(host: string | undefined, pages: WebPageRules): void {
  if (host === undefined || pages.isOwnHost(host)) return;
  throw new ProblemError(
    421,
    `This tracker does not know that it is reached as ${host}. Add the name to tracker.publicHosts, or use the address`,
  );
}

function foreignPage(origin: string | undefined): ProblemError {
  const from = origin === undefined ? 'another origin' : origin.slice(0, 200);
  return new ProblemError(
    403,
    `A web page of ${from} may not call this tracker. Add its origin to tracker.webOrigins if it is to`,
  );
}

/** @see https://fetch.spec.whatwg.org/#cors-preflight-request */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function preflightResponse(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': ALLOWED_METHODS,
      'Access-Control-Allow-Headers': ALLOWED_HEADERS,
    },
  });
}
