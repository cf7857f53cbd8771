import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { ipReach } from '../../../util/index.ts';
import { ProblemError } from './problems.ts';
import type { WebApiOptions } from './web-api-options.ts';
import type { WebPageRules } from './web-page-rules.ts';
import { clientAddressOfRequest, isFromThisMachine } from './web-request.ts';

/** The headers that a page of an allowed origin may send. */
const ALLOWED_HEADERS = 'Authorization, Content-Type';
const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, DELETE';

/** The methods that change nothing. */
const LOOK_UPS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses requests of foreign web pages: pages of other origins, and pages whose own name resolves to this machine. Any page
 * that is opened on the tracker's machine, or in its network, can send requests there. docs/adr/0024 has the reasons.
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

/** Finds the method of a call, or of the call that a browser's preflight asks about. */
function methodOf(request: IncomingMessage): string {
  const { method = '', headers } = request;
  return isPreflight(request) ? String(headers['access-control-request-method']) : method;
}

function takes(pages: WebPageRules, origin: string, method: string): boolean {
  return pages.takesOrigin(origin) || (pages.takesAllLookUps && LOOK_UPS.includes(method));
}

/**
 * Tells whether a page of another origin has sent the request. Following a link to the web API does not count: only the
 * person who follows it sees the response.
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
 * Tells whether the `Host` of the request has to be a name of this tracker. A client on the internet could ask for everything
 * without the help of a page, and a page cannot have the tracker's certificate. In a private network programs may use any
 * name; on this machine they may not, since there is no sure way to tell a program from a browser.
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
 * Tells whether a browser may have sent the request. All browsers list the encodings that they take, `deflate` among them, or
 * `identity` when they ask for a range; no page can change that, nor `Origin`, `Referer`, `Cookie` and `Sec-Fetch-…`. Without
 * TLS browsers send no `Sec-Fetch-…`, and with a look-up of their own origin no `Origin`.
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
    `This tracker does not know that it is reached as ${host}. Set tracker.url or tracker.publicHosts of the tracker to that name, or use its address`,
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
