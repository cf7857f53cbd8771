import { type Finding, IS_IT_THE_ADDRESS, USE_HTTPS } from './finding.ts';
import { quotable } from './quotable.ts';

/** An HTTP response whose status is no success. */
export interface BadResponse {
  readonly status: number;
  /** The words of a Shoal tracker's problem document; `undefined` when there is none, so that another server may answer. */
  readonly problem?: string | undefined;
  readonly body: Uint8Array;
  /** The header `Location`. */
  readonly location?: string | undefined;
  /** The header `Retry-After`. */
  readonly retryAfter?: string | undefined;
  /** Whether an access token was sent with the request. */
  readonly hasToken: boolean;
  /** Whether the request was a registration, for which the user can give the token in a setting of its own. */
  readonly isRegistering: boolean;
}

/** Explains a response to an announce or a scrape whose status is no success. It may be that of any tracker. */
export function announceStatusFinding(status: number, body: Uint8Array): Finding {
  const words = wordsOf(body);
  const found = `HTTP status ${status}${saying('it', words)}`;
  return isAskedForTls(status, words) ? { found, advice: USE_HTTPS } : { found };
}

/** Explains a response of the web API whose status is no success. */
export function statusFinding(answer: BadResponse): Finding {
  const { status, problem, location } = answer;
  const words = problem ?? wordsOf(answer.body);
  const to = location === undefined ? '' : ` to ${quotable(location)}`;
  const said = saying(problem === undefined ? 'it' : 'the tracker', words);
  const found = `HTTP status ${status}${meaningOf(answer)}${to}${said}`;
  const advice = isAskedForTls(status, words) ? USE_HTTPS : adviceOn(answer);
  return advice === undefined ? { found } : { found, advice };
}

function saying(who: string, words: string | undefined): string {
  return words === undefined ? '' : `, ${who} says "${quotable(words)}"`;
}

/** Tells whether a server with TLS says in its words that it was asked without. */
function isAskedForTls(status: number, words = ''): boolean {
  return status === 400 && /https/i.test(words);
}

function meaningOf({ status, problem, hasToken }: BadResponse): string {
  const isTracker = problem !== undefined;
  if (status >= 300 && status < 400) return ', it redirects';
  switch (status) {
    case 401:
      return hasToken ? ', it does not accept the access token' : ', it wants an access token';
    case 403:
      return isTracker ? '' : ', no Shoal tracker refuses like that';
    case 404:
      return isTracker ? '' : ', no Shoal tracker answers there';
    case 502:
    case 504:
      return ', a proxy answers, but not the tracker behind it';
    default:
      return '';
  }
}

const GET_TORRENT = 'Trackers of other makes can be asked by a .torrent alone: shoal get FILE.torrent.';
const SEED_TORRENT =
  'Trackers of other makes take a .torrent alone that names them: shoal seed FILE.torrent --data FOLDER.';

function adviceOn({ status, problem, retryAfter, hasToken, isRegistering }: BadResponse): string | undefined {
  const isTracker = problem !== undefined;
  if (status >= 300 && status < 400) return 'Use the address that it redirects to.';
  switch (status) {
    case 401:
      return hasToken
        ? 'Is the token whole? The operator of the tracker can make another.'
        : `The token stands behind the tracker's address, --tracker http://HOST:9910/TOKEN${isRegistering ? ', or in SHOAL_SEEDER_TOKEN' : ''}.`;
    case 403:
      if (!isTracker) return `${IS_IT_THE_ADDRESS} Or a proxy in front of it refuses.`;
      return hasToken ? tokenAdvice(isRegistering) : undefined;
    case 404:
      return isTracker ? undefined : `${IS_IT_THE_ADDRESS} ${isRegistering ? SEED_TORRENT : GET_TORRENT}`;
    case 502:
    case 504:
      return 'Is the tracker behind the proxy running?';
    case 429:
    case 503:
      return isTracker || retryAfter !== undefined
        ? `Try again ${timeOf(retryAfter)}.`
        : 'If there is a proxy: is the tracker behind it running?';
    default:
      return undefined;
  }
}

/** Makes the advice for a token that the tracker knows but refuses: it has the wrong scope. */
function tokenAdvice(isRegistering: boolean): string {
  const scope = isRegistering ? 'register' : 'announce';
  const purpose = isRegistering ? 'Seeders' : 'Looking up and downloading';
  return `${purpose} need a token with the scope ${scope}: \`shoal token create --scope ${scope}\` on the tracker's machine makes one.`;
}

/** Reads the header `Retry-After`, which has seconds or a date. @see RFC 9110, section 10.2.3 */
function timeOf(retryAfter: string | undefined): string {
  if (retryAfter === undefined || !/^\d{1,5}$/.test(retryAfter)) return 'later';
  return retryAfter === '1' ? 'in a second' : `in ${retryAfter} seconds`;
}

/** The number of a response's first bytes that are searched for its words. */
const LOOKED_AT = 4096;

/** Finds the title of a web page, or a short text on one line; `undefined` for any other body. */
function wordsOf(body: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(body.subarray(0, LOOKED_AT)).trim();
  if (/^\s*</.test(text)) return /<title>([^<]*)/i.exec(text)?.[1]?.trim() || undefined;
  return /^[\x20-\x7e]{1,200}$/.test(text) && !/^[{[]/.test(text) ? text : undefined;
}
