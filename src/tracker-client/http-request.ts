import type { IncomingHttpHeaders, IncomingMessage, request as requestOf } from 'node:http';
import { canonicalIp, GrowingBytes, toError } from '../util/index.ts';
import { decodeBody } from './content-encoding.ts';
import { withinDeadline } from './deadline.ts';
import { isNotHttp, networkFinding } from './network-finding.ts';
import { printableUrl } from './printable-url.ts';
import { FIRST_RESPONSE_BYTES, MAX_INTERIM_RESPONSES } from './response-limits.ts';
import { TrackerCallError, unreachable } from './tracker-call-error.ts';
import { systemTrackerPorts, type TrackerPorts } from './tracker-ports.ts';
import { TrackerReach, type TrackerTrust } from './tracker-reach.ts';

/** The milliseconds for a connection to each address of a name. Node's quarter of a second is too short for distant ones. */
const CONNECTING = { autoSelectFamilyAttemptTimeout: 1000 };

/** The options of a call: a limit of its time, and a signal that ends it early. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The milliseconds for the whole call; by default those that its function names. */
  readonly timeoutMs?: number;
  /** The source of the tracker's address, which decides where it may be; by default `user`. */
  readonly trust?: TrackerTrust | undefined;
  /** Absent: the time and the network of this machine. */
  readonly ports?: TrackerPorts | undefined;
}

/** An HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The URL, with `http:` or `https:`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The most bytes of the response's body, both before and after it is decompressed. */
  readonly maxBytes: number;
  /** The milliseconds for the whole request, including redirects. */
  readonly timeoutMs: number;
  /** The most redirects that are followed, for GET only. By default 0: a redirect is returned as the response. */
  readonly maxRedirects?: number;
  /** The rule that decides which addresses may be asked; by default that for a URL that the user has named. */
  readonly reach?: TrackerReach;
  /**
   * Whether to take a response that is not quite HTTP, as some trackers send: with lines that end without a carriage return,
   * or with a body shorter than its declared length.
   */
  readonly isLenient?: boolean;
  /** The start of messages, such as `Cannot register with http://t.example`; by default method and URL. */
  readonly what?: string;
  readonly signal?: AbortSignal | undefined;
  /** Absent: the time and the network of this machine. */
  readonly ports?: TrackerPorts | undefined;
}

/** The response to an HTTP request. */
export interface HttpResponse {
  readonly status: number;
  readonly body: Uint8Array;
  /** The canonical IP address of the server; `undefined` after a redirect, or when it is unknown. */
  readonly serverIp: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Makes one request on a connection of its own and reads the whole response, with any status.
 *
 * @throws {TrackerCallError} `UNSUPPORTED`, `UNREACHABLE`, `TIMED_OUT`, `ABORTED`, `TOO_LARGE`, `BAD_RESPONSE`
 */
export async function httpRequest(request: HttpRequest): Promise<HttpResponse> {
  const { what = `${request.method} ${printableUrl(request.url)}`, timeoutMs } = request;
  const { clock } = request.ports ?? systemTrackerPorts;
  return withinDeadline(what, { timeoutMs, clock, signal: request.signal }, async (signal) => {
    try {
      return await followRedirects(request, what, signal);
    } catch (thrown) {
      throw thrown instanceof TrackerCallError ? thrown : networkError(what, toError(thrown));
    }
  });
}

async function followRedirects(
  request: HttpRequest,
  what: string,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { reach = new TrackerReach() } = request;
  let url = request.url;
  for (let left = request.maxRedirects ?? 0; ; left -= 1) {
    const response = await send({ ...request, what }, url, (parsed) => reach.guard(parsed, what), signal);
    const { location, 'content-encoding': encoding } = response.headers;
    const status = response.statusCode!;
    if (request.maxRedirects === undefined || location === undefined || !REDIRECTS.has(status)) {
      const { headers } = response;
      const serverIp = url === request.url ? canonicalIp(response.socket.remoteAddress ?? '') : undefined;
      const received = await readBody(response, request, what);
      const body = await decodeBody(received, encoding, request.maxBytes, what);
      return { status, body, headers, serverIp };
    }
    const server = canonicalIp(response.socket.remoteAddress ?? '');
    response.destroy();
    if (left === 0) {
      throw new TrackerCallError(
        'BAD_RESPONSE',
        `${what}: redirected more than ${request.maxRedirects} times, the last time to ${printableUrl(location)}`,
      );
    }
    if (!URL.canParse(location, url)) {
      throw new TrackerCallError(
        'BAD_RESPONSE',
        `${what}: redirected to ${printableUrl(location)}, which is no URL`,
      );
    }
    const next = new URL(location, url);
    if (next.protocol === 'http:' && new URL(url).protocol === 'https:') {
      throw new TrackerCallError(
        'BAD_RESPONSE',
        `${what}: redirected from https to ${printableUrl(next.href)}, where others could read the request`,
      );
    }
    url = next.href;
    reach.redirected(server);
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Sends a request. @returns the response, as soon as its head is there */
function send(
  request: HttpRequest & { readonly what: string },
  url: string,
  guard: (url: URL) => ReturnType<TrackerReach['guard']>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { what, ports = systemTrackerPorts } = request;
  const open = openerOf(url);
  const options = guard(new URL(url));
  return new Promise((resolve, reject) => {
    const outgoing = open(url, {
      method: request.method,
      ...ports.http,
      signal,
      ...CONNECTING,
      ...options,
      insecureHTTPParser: request.isLenient === true,
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'Shoal',
        ...(request.body !== undefined && { 'content-length': Buffer.byteLength(request.body) }),
        ...request.headers,
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    let interimResponses = 0;
    outgoing.on('information', () => {
      interimResponses += 1;
      if (interimResponses <= MAX_INTERIM_RESPONSES) return;
      const found = `answered more than ${MAX_INTERIM_RESPONSES} times that an answer is to come`;
      outgoing.destroy(new TrackerCallError('BAD_RESPONSE', `${what}: ${found}`));
    });
    outgoing.end(request.body);
  });
}

/**
 * Finds the function of Node that makes requests to a URL. It is not imported, because an import evaluates everything that
 * the module exports, and newer versions of Node need 40 ms for `WebSocket`.
 *
 * @see https://github.com/nodejs/node/issues/59686
 */
function openerOf(url: string): typeof requestOf {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'http:') return process.getBuiltinModule('node:http').request;
  if (protocol === 'https:') return process.getBuiltinModule('node:https').request;
  throw new TrackerCallError(
    'UNSUPPORTED',
    `Cannot use the tracker ${printableUrl(url)}: ${protocol ? `it begins with ${protocol}; http:, https: and udp: are supported` : 'it is no URL'}`,
  );
}

async function readBody(
  response: IncomingMessage,
  { maxBytes, isLenient = false }: HttpRequest,
  what: string,
): Promise<Uint8Array> {
  const received = new GrowingBytes(FIRST_RESPONSE_BYTES);
  try {
    for await (const part of response as AsyncIterable<Uint8Array>) {
      // The error leaves the loop, which destroys the response and its connection.
      if (received.length + part.length > maxBytes)
        throw new TrackerCallError('TOO_LARGE', `${what}: answered more than ${maxBytes} bytes`);
      received.add(part);
    }
  } catch (thrown) {
    const isCutShort = toErrno(thrown) === 'ECONNRESET' && received.length > 0;
    if (!isLenient || !isCutShort) throw thrown;
  }
  return received.bytes;
}

function toErrno(thrown: unknown): string | undefined {
  return (toError(thrown) as NodeJS.ErrnoException).code;
}

function networkError(what: string, cause: NodeJS.ErrnoException): TrackerCallError {
  if (!isNotHttp(cause)) return unreachable(what, cause);
  const { found, ...fields } = networkFinding(cause);
  return new TrackerCallError('BAD_RESPONSE', `${what}: ${found}`, { ...fields, cause });
}
