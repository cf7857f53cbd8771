import { toError } from '../util/index.ts';
import { type CallOptions, type HttpAnswer, type HttpRequest, httpRequest } from './http-request.ts';
import { printableUrl } from './printable-url.ts';
import type { RegistryAnswers } from './registry-answer.ts';
import { printable, TrackerError } from './tracker-error.ts';
import { parseTrackerUrl } from './tracker-url.ts';

/** Bytes of an answer of the web API: a registration's, in which all torrents are missing, is 4.3 MB. */
export const MAX_REGISTRY_ANSWER_BYTES = 16 * 1024 * 1024;
/** Milliseconds for one call, unless the caller says otherwise. */
export const REGISTRY_TIMEOUT_MS = 15_000;

export interface RegistryCall extends CallOptions {
  /** In place of the one in the tracker's address, if there is one. */
  readonly token?: string | undefined;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly maxBytes?: number;
}

/**
 * Calls the web API and reads the answer as JSON of the given shape.
 *
 * @throws {TrackerError} as {@link callRegistry}, and `BAD_RESPONSE` when the answer has another shape
 */
export async function callRegistryJson<Name extends keyof RegistryAnswers>(
  name: Name,
  trackerUrl: string,
  method: HttpRequest['method'],
  path: string,
  options: RegistryCall,
): Promise<RegistryAnswers[Name]> {
  const [{ body }, { readAnswer }] = await Promise.all([
    callRegistry(trackerUrl, method, path, options),
    import('./registry-answer.ts'),
  ]);
  try {
    return readAnswer(name, parseJson(body));
  } catch (cause) {
    throw new TrackerError(
      'BAD_RESPONSE',
      `${method} ${printableUrl(apiUrl(trackerUrl, path))}: the answer is not what Shoal's tracker would send: ${printable(toError(cause).message)}`,
      { cause },
    );
  }
}

/**
 * Calls the web API.
 *
 * @param path what follows `/api/v1`
 * @throws {TrackerError} `BAD_STATUS`, with the problem the tracker names; those of the network
 */
export async function callRegistry(
  trackerUrl: string,
  method: HttpRequest['method'],
  path: string,
  { token, body, contentType, maxBytes = MAX_REGISTRY_ANSWER_BYTES, timeoutMs, signal }: RegistryCall,
): Promise<HttpAnswer> {
  const url = apiUrl(trackerUrl, path);
  const bearer = token ?? parseTrackerUrl(trackerUrl).token;
  const answer = await httpRequest({
    method,
    url,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(contentType !== undefined && { 'content-type': contentType }),
    },
    ...(body !== undefined && { body }),
    maxBytes,
    timeoutMs: timeoutMs ?? REGISTRY_TIMEOUT_MS,
    signal,
  });
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  const message = `${method} ${printableUrl(url)}: HTTP status ${status}${await problemIn(answer.body)}`;
  throw new TrackerError('BAD_STATUS', message, { status });
}

/** What a problem document says, for a message: the tracker's own words. @see RFC 9457 */
async function problemIn(body: Uint8Array): Promise<string> {
  const { readProblem } = await import('./registry-answer.ts');
  const problem = readProblem(parseJson(body));
  if (problem === undefined) return '';
  const { title, detail, errors = [] } = problem;
  const fields = errors.map(({ field, message }) => `${field} ${message}`);
  return `, the tracker says "${printable([detail ?? title, ...fields].join('; '))}"`;
}

/** @returns `undefined` for what is no JSON, which no schema here takes */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function apiUrl(trackerUrl: string, path: string): string {
  return `${parseTrackerUrl(trackerUrl).base}/api/v1${path}`;
}
