import { JsonError, lazily } from '../util/index.ts';
import { IS_IT_THE_ADDRESS } from './finding.ts';
import { type CallOptions, type HttpRequest, type HttpResponse, httpRequest } from './http-request.ts';
import { printableUrl } from './printable-url.ts';
import { quotable } from './quotable.ts';
import type { RegistryResponses } from './registry-response.ts';
import { MAX_REGISTRY_RESPONSE_BYTES } from './response-limits.ts';
import { ResponseShapeError } from './response-shape-error.ts';
import { statusFinding } from './status-finding.ts';
import { TrackerCallError } from './tracker-call-error.ts';
import { parseTrackerUrl } from './tracker-url.ts';

/** The default milliseconds for one call. */
export const REGISTRY_TIMEOUT_MS = 15_000;

/** Loads what reads responses: zod takes longer to load than all the rest of a client. */
export const loadResponseReader = lazily(() => import('./registry-response.ts'));

/** A call of the web API. */
export interface RegistryCall extends CallOptions {
  /** The attempt, as a phrase to stand before the tracker's address in messages: `register with`. */
  readonly doing: string;
  /** The access token; by default that of the tracker's address, if it has one. */
  readonly token?: string | undefined;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly maxBytes?: number;
  /** Called with the number of bytes of the response. */
  readonly onReceived?: (bytes: number) => void;
}

/**
 * Calls the web API and reads the response as JSON of the given shape.
 *
 * @throws {TrackerCallError} as {@link callRegistry}, and `BAD_RESPONSE` when the response has another shape
 */
export async function callRegistryJson<Name extends keyof RegistryResponses>(
  name: Name,
  trackerUrl: string,
  method: HttpRequest['method'],
  path: string,
  options: RegistryCall,
): Promise<RegistryResponses[Name]> {
  const [{ body }, { readAnswer }] = await Promise.all([
    callRegistry(trackerUrl, method, path, options),
    loadResponseReader(),
  ]);
  try {
    return readAnswer(name, body);
  } catch (cause) {
    if (!(cause instanceof JsonError || cause instanceof ResponseShapeError)) throw cause;
    const found =
      cause.code === 'NOT_JSON'
        ? 'the response is no JSON, so no Shoal tracker answers there'
        : `no Shoal tracker would send this response: ${quotable(cause.message)}`;
    const message = `${attempt(options.doing, trackerUrl)}: ${found}`;
    throw new TrackerCallError('BAD_RESPONSE', message, { advice: IS_IT_THE_ADDRESS, cause });
  }
}

/**
 * Calls the web API.
 *
 * @param path the path behind `/api/v1`
 * @throws {TrackerCallError} `BAD_STATUS` with the problem that the tracker names; and the codes of the network
 */
export async function callRegistry(
  trackerUrl: string,
  method: HttpRequest['method'],
  path: string,
  options: RegistryCall,
): Promise<HttpResponse> {
  const {
    token,
    body,
    contentType,
    maxBytes = MAX_REGISTRY_RESPONSE_BYTES,
    timeoutMs,
    signal,
    ports,
  } = options;
  const what = attempt(options.doing, trackerUrl);
  const bearer = token ?? parseTrackerUrl(trackerUrl).token;
  const answer = await httpRequest({
    method,
    url: apiUrl(trackerUrl, path),
    what,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(contentType !== undefined && { 'content-type': contentType }),
    },
    ...(body !== undefined && { body }),
    maxBytes,
    timeoutMs: timeoutMs ?? REGISTRY_TIMEOUT_MS,
    signal,
    ports,
  });
  options.onReceived?.(answer.body.length);
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  const { found, ...fields } = statusFinding({
    status,
    problem: await problemIn(answer.body),
    body: answer.body,
    location: headers.location,
    retryAfter: headers['retry-after'],
    hasToken: bearer !== undefined,
    isRegistering: method === 'POST' && path === '/seeders',
  });
  throw new TrackerCallError('BAD_STATUS', `${what}: ${found}`, { ...fields, status });
}

/** Makes the start of a message. @param doing a phrase to stand before the tracker's address: `register with` */
export function attempt(doing: string, trackerUrl: string): string {
  return `Cannot ${doing} ${printableUrl(parseTrackerUrl(trackerUrl).base)}`;
}

/** Reads the tracker's own words from a problem document; `undefined` for any other response. @see RFC 9457 */
async function problemIn(body: Uint8Array): Promise<string | undefined> {
  const { readProblem } = await loadResponseReader();
  const problem = readProblem(body);
  if (problem === undefined) return undefined;
  const { title, detail, errors = [] } = problem;
  return [detail ?? title, ...errors.map(({ field, message }) => `${field} ${message}`)].join('; ');
}

function apiUrl(trackerUrl: string, path: string): string {
  return `${parseTrackerUrl(trackerUrl).base}/api/v1${path}`;
}
